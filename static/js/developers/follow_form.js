// <form data-follow>: its fields are a query; its buttons begin and end following it, and the state beside them says how it is.

const STATES = { on: ["Following", "tone-good"], again: ["Connecting", "tone-warn"], off: ["Not following", ""] };
const form = document.querySelector("[data-follow]");
const part = (name) => document.querySelector(`[data-follow-${name}]`);
const names = (name) => form.elements[name].value.split(",").map((text) => text.trim()).filter(Boolean);

function complain(text) {
  const told = document.getElementById("where-error");
  told.textContent = text;
  told.hidden = !text;
  form.elements.where.removeAttribute("aria-invalid");
  if (!text) return;
  form.elements.where.setAttribute("aria-invalid", "true");
  form.elements.where.focus();
}

function where() {
  try {
    const value = JSON.parse(form.elements.where.value.trim() || "{}");
    if (value && typeof value === "object" && !Array.isArray(value)) return value;
    complain('The condition is a JSON object: {"name": value}.');
  } catch (error) {
    complain(`The condition is not valid JSON: ${error.message}`);
  }
  return undefined;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const condition = where();
  if (!condition) return;
  complain("");
  const lists = { keys: names("keys"), watch: names("watch") };
  const given = Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length));
  const query = { className: form.elements.class.value, where: condition, ...given };
  document.dispatchEvent(new CustomEvent("follow:begin", { detail: query }));
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
part("end").addEventListener("click", () => document.dispatchEvent(new CustomEvent("follow:end")));
document.addEventListener("follow:state", ({ detail: { state, problem } }) => {
  const [text, tone] = STATES[state];
  part("state").textContent = text;
  part("state").className = `badge ${tone}`;
  part("end").hidden = state === "off";
  part("begin").textContent = state === "off" ? "Follow" : "Follow anew";
  part("problem").textContent = problem ?? "";
  part("problem").hidden = !problem;
});
