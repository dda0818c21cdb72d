// The last calls of this page, in its memory: one brings back the request and its answer.

const MOST = 20;
const calls = [];
const list = () => document.querySelector("[data-calls]");

function line(call, place) {
  const item = document.getElementById("call-line").content.cloneNode(true);
  const part = (name) => item.querySelector(`[data-call-${name}]`);
  const { fields, answer, at } = call;
  part("method").textContent = part("method").dataset.method = fields.method;
  part("path").textContent = fields.path;
  part("status").textContent = answer.status ?? "no answer";
  part("status").classList.add(answer.status < 400 ? "tone-good" : "tone-bad");
  part("at").textContent = at.toLocaleTimeString();
  item.querySelector("[data-call]").dataset.call = place;
  return item;
}

const show = () => {
  list().replaceChildren(...calls.map(line));
  list().closest("section").hidden = false;
};

function bringBack({ fields, answer }) {
  const form = document.querySelector("[data-trial]");
  for (const [name, text] of Object.entries(fields)) form.elements[name].value = text;
  form.elements.method.dispatchEvent(new Event("change", { bubbles: true }));
  document.dispatchEvent(new CustomEvent("playground:shown", { detail: answer }));
  form.elements.path.focus();
}

document.addEventListener("playground:answered", ({ detail }) => {
  calls.unshift({ ...detail, at: new Date() });
  calls.length = Math.min(calls.length, MOST);
  show();
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-call]");
  if (button) bringBack(calls[button.dataset.call]);
});
