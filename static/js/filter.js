// <form data-filter>: addresses without empty filters; sort order, page size and density outlive a new filter.

const kept = ["sort", "size", "compact"];

document.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt.closest("form[data-filter]");
  if (!form) return;
  const wanted = event.detail.parameters;
  const now = new URLSearchParams(location.search);
  for (const name of kept) {
    if (now.has(name)) wanted[name] = now.get(name);
  }
  for (const field of form.elements) {
    if (field.name && field.value === "") delete wanted[field.name];
  }
});

// Without htmx in the way (Enter in the search box), empty fields are left out as well.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form[data-filter]")) return;
  for (const [name, value] of [...event.formData]) {
    if (value === "") event.formData.delete(name);
  }
});

// Unfolding the filters on a phone filters nothing.
document.addEventListener(
  "change",
  (event) => event.target.closest?.(".filters-fold") && event.stopPropagation(),
  { capture: true },
);
