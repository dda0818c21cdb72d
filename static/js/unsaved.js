// <form data-guard>: leaving the page with typed values asks first. Sending the form is not leaving.

const dirty = new Set();

const guarded = (event) => event.target.closest?.("form[data-guard]");

document.addEventListener("input", (event) => {
  const form = guarded(event);
  if (form) dirty.add(form);
});
document.addEventListener("change", (event) => {
  const form = guarded(event);
  if (form) dirty.add(form);
});
document.addEventListener("reset", (event) => dirty.delete(event.target));
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) dirty.delete(event.target);
});
// htmx prevents the browser's own submit; only its success settles the form.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) dirty.delete(event.detail.elt);
});

// A form that came back, with errors or beside a newer version, holds values that are stored nowhere.
for (const form of document.querySelectorAll("form[data-guard][data-dirty]")) dirty.add(form);

// "unsaved" asks the same: prevented, it means yes.
const keep = (event) => [...dirty].some((form) => form.isConnected) && event.preventDefault();
window.addEventListener("beforeunload", keep);
document.addEventListener("unsaved", keep);
