// Turns a picker's <select> into a type-ahead box (ARIA combobox with list autocomplete).
// The select stays, hidden, as the field that is sent; options come as HTML from data-combobox-url.
// What happens in the list is told to listbox.js by events, so that neither needs the other's hashed file name.

const WAIT_MS = 150;

const tell = (picker, what, detail) =>
  picker.dispatchEvent(new CustomEvent(`picker:${what}`, { bubbles: true, detail }));

function enhance(picker) {
  if (picker.dataset.enhanced) return;
  picker.dataset.enhanced = "yes";
  const select = picker.querySelector("select");
  const [input, list] = ["input", "ul"].map((tag) => document.createElement(tag));
  const { id } = select;
  select.id = `${id}-value`;
  Object.assign(input, { id, type: "text", autocomplete: "off", required: select.required });
  input.value = select.value ? select.selectedOptions[0].text.trim() : picker.querySelector("[data-combobox-new]")?.value ?? "";
  input.placeholder = picker.dataset.comboboxPlaceholder ?? "Type to search…";
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  Object.assign(input, { role: "combobox", ariaAutoComplete: "list", ariaExpanded: "false" });
  input.setAttribute("aria-controls", `${id}-list`);
  Object.assign(list, { id: `${id}-list`, className: "picker-list", hidden: true, role: "listbox", ariaLabel: "Suggestions" });
  select.hidden = true;
  select.required = false;
  picker.querySelector(".picker-find")?.remove(); // else Enter anywhere in the form would press "Find"
  select.before(input);
  picker.append(list);
}

async function suggest(picker, input) {
  const asked = input.value;
  const url = new URL(picker.dataset.comboboxUrl, location.href);
  url.searchParams.set("q", asked.trim());
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (answer.ok && input.value === asked && document.activeElement === input) {
    tell(picker, "show", await answer.text());
  }
}

let timer;

const within = (event) => event.target.closest?.("[data-combobox]");

document.addEventListener("input", (event) => {
  const picker = within(event);
  if (!picker || !event.target.matches("[role=combobox]")) return;
  tell(picker, "clear");
  clearTimeout(timer);
  timer = setTimeout(() => suggest(picker, event.target).catch(() => tell(picker, "hide")), WAIT_MS);
});

document.addEventListener("keydown", (event) => {
  const picker = within(event);
  if (!picker || !event.target.matches("[role=combobox]")) return;
  const shown = !picker.querySelector("[role=listbox]").hidden;
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    if (shown) tell(picker, "step", steps[event.key]);
    else suggest(picker, event.target);
  } else if (shown && ["Enter", "Escape", "Tab"].includes(event.key)) {
    if (event.key !== "Tab") event.preventDefault();
    tell(picker, event.key === "Escape" ? "hide" : "choose", picker.querySelector("[aria-selected=true]"));
  }
});

document.addEventListener("focusout", (event) => within(event) && tell(within(event), "hide"));
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("[data-combobox] [role=option]");
  if (!option) return;
  event.preventDefault(); // the text box keeps the focus
  tell(within(event), "choose", option);
});

const enhanceAll = () => document.querySelectorAll("[data-combobox]").forEach(enhance);
document.addEventListener("htmx:load", enhanceAll);
enhanceAll();
