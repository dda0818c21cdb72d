// The list under a type-ahead box: shown, stepped through and chosen from as combobox.js says, by picker:* events.

const parts = (picker) => ({
  input: picker.querySelector("[role=combobox]"),
  list: picker.querySelector("[role=listbox]"),
  select: picker.querySelector("select"),
  made: picker.querySelector("[data-combobox-new]"),
});

const options = (list) => [...list.querySelectorAll("[role=option]")];

/** Add 'Create "…"' where the form takes the name of a record to be made (an <input data-combobox-new>). */
function offerNew({ list, input, made }) {
  const text = input.value.trim();
  const known = options(list).some((option) => option.dataset.label?.toLowerCase() === text.toLowerCase());
  if (!made || !text || known) return;
  const option = Object.assign(document.createElement("li"), { role: "option" });
  option.dataset.create = text;
  option.textContent = `Create “${text}”`;
  list.append(option);
}

function show(picker, html) {
  const own = parts(picker);
  own.list.innerHTML = html; // our own server's answer, escaped there
  offerNew(own);
  options(own.list).forEach((option, index) => (option.id = `${own.list.id}-${index}`));
  own.list.hidden = false;
  own.input.setAttribute("aria-expanded", "true");
  if (own.input.value.trim()) highlight(picker, 1);
}

function hide(picker) {
  const { input, list } = parts(picker);
  if (!list) return;
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function highlight(picker, step) {
  const { input, list } = parts(picker);
  const all = options(list);
  if (!all.length) return;
  const at = all.findIndex((option) => option.ariaSelected === "true");
  const next = all.at(at < 0 && step < 0 ? -1 : (at + step) % all.length);
  for (const option of all) option.ariaSelected = String(option === next);
  input.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

/** Nothing is chosen any more; typed text that names nothing keeps the form from being sent. */
function clear(picker) {
  const { input, select, made } = parts(picker);
  select.value = "";
  if (select.value !== "") select.prepend(new Option("", "", true, true));
  if (made) made.value = "";
  input.setCustomValidity(input.value.trim() ? "Choose one from the list, or clear the field." : "");
}

function choose(picker, option) {
  const { input, select, made } = parts(picker);
  hide(picker);
  if (!option) return;
  clear(picker);
  if (option.dataset.create) {
    input.value = made.value = option.dataset.create;
  } else {
    const { value, label } = option.dataset;
    if (![...select.options].some((known) => known.value === value)) select.add(new Option(label, value));
    select.value = value;
    input.value = label;
  }
  input.setCustomValidity("");
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

for (const [name, act] of Object.entries({ show, hide, clear, choose, step: highlight })) {
  document.addEventListener(`picker:${name}`, (event) => act(event.target, event.detail));
}
