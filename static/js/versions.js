// The two versions of an edit conflict: choosing one puts it into the form. What is typed there instead is a third.

const rows = () => document.querySelectorAll("[data-versions]");
const choices = (row) => [...row.querySelectorAll("input[type=radio]")];

/** Put a value into a type-ahead box as if it had been chosen from its list. */
function pick(picker, { held, words }) {
  const tell = (what, detail) => picker.dispatchEvent(new CustomEvent(`picker:${what}`, { bubbles: true, detail }));
  const dataset = held ? { value: held, label: words } : { create: words };
  picker.querySelector("[role=combobox]").value = "";
  if (words) tell("choose", { dataset });
  else tell("clear");
}

function take(radio) {
  const control = radio.form.elements[radio.closest("[data-versions]").dataset.versions];
  const picker = control.closest("[data-combobox]");
  if (picker) pick(picker, radio.dataset);
  else control.value = radio.dataset.held;
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-versions] input[type=radio]")) take(event.target);
});

document.addEventListener("input", (event) => {
  if (event.target.closest?.("[data-versions]")) return;
  const name = event.target.closest?.("[data-combobox]")?.querySelector("select").name ?? event.target.name;
  for (const row of rows()) {
    if (row.dataset.versions !== name || !event.target.form?.contains(event.target)) continue;
    for (const radio of choices(row)) Object.assign(radio, { checked: false, required: false });
  }
});

// Where both changed a field there is no saving before somebody has chosen.
for (const row of rows()) {
  const open = !choices(row).some((radio) => radio.checked);
  for (const radio of choices(row)) radio.required = open;
}
