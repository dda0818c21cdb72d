// <form data-offline>: says along with its fields whose page it is on and what it changes, in words, so that it can
// wait on the device; the value of data-offline, if there is one, are the words. A page that was kept carries the
// one-time key of a form that may have been used: each use differs.

const MOST = 300;

/** Return a control's value in words: now, and as the page came. */
function words(control) {
  const box = control.closest("[data-combobox]")?.querySelector("[role=combobox]");
  if (control.tagName !== "SELECT") return [control.value, control.defaultValue];
  const was = [...control.options].find((option) => option.defaultSelected);
  const text = (option) => (option?.value ? option.text.trim() : "");
  return [box ? box.value.trim() : text(control.selectedOptions[0]), text(was)];
}

/** Describe what a control changes; all of it where the form came back, with values that are stored nowhere. */
function changeOf(control) {
  if (control.dataset.label) return [{ name: control.name, label: control.dataset.label, from: "", to: control.value ? "yes" : "no" }];
  const isChoice = control.type === "radio";
  if (!control.name || ["hidden", "submit", "button"].includes(control.type) || (isChoice && !control.checked)) return [];
  const [to, was] = isChoice ? [control.labels[0]?.textContent.trim(), ""] : words(control);
  const from = control.form.hasAttribute("data-dirty") ? "" : was;
  if (to === from || control.hasAttribute("data-combobox-new") || control.closest(".versions")) return [];
  const named = control.closest("[data-combobox]")?.querySelector("[role=combobox]") ?? control;
  const label = (isChoice ? control.closest("fieldset")?.querySelector("legend") : named.labels?.[0])?.textContent ?? control.name;
  return [{ name: control.name, label: label.replace(/[\s*]+$/, "").trim(), from: from.slice(0, MOST), to: to.slice(0, MOST) }];
}

const title = () => document.title.replace(/\s+/g, " ").replace(/ · CRM$/, "");

document.addEventListener("formdata", ({ target: form, formData }) => {
  const { person } = document.body.dataset;
  if (!person || !form.matches("[data-offline]")) return;
  const about = form.getAttribute("aria-label");
  const what = form.dataset.offline || (about ? `${about}: ${title()}` : title());
  const page = location.pathname.replace(/(edit|new)\/$/, "");
  const changes = [...form.elements].flatMap(changeOf);
  formData.append("offline", JSON.stringify({ person, page, what, changes }));
});

if (document.documentElement.dataset.kept) {
  for (const field of document.querySelectorAll("form[data-offline] [name=use]")) field.value = crypto.randomUUID();
}
