// The events of the query that is followed, the newest first; the oldest leave.

const MOST = 100;
const TONES = { create: "good", enter: "good", update: "accent", leave: "warn", delete: "bad" };
const list = document.querySelector("[data-events]");
const none = document.querySelector("[data-events-none]");
const clear = document.querySelector("[data-events-clear]");

function line({ op, object, original }) {
  const item = document.getElementById("event-line").content.cloneNode(true).firstElementChild;
  const part = (name) => item.querySelector(`[data-event-${name}]`);
  part("kind").textContent = op;
  part("kind").classList.add(`tone-${TONES[op]}`);
  part("id").textContent = object.objectId;
  part("at").textContent = new Date().toLocaleTimeString();
  part("object").textContent = JSON.stringify(object, null, 2);
  if (original) part("original").textContent = JSON.stringify(original, null, 2);
  part("original").hidden = part("was").hidden = !original;
  return item;
}

const show = () => {
  none.hidden = Boolean(list.children.length);
  clear.hidden = !list.children.length;
};

document.addEventListener("follow:event", ({ detail }) => {
  const item = line(detail);
  list.prepend(item);
  while (list.children.length > MOST) list.lastElementChild.remove();
  for (const text of item.querySelectorAll("pre")) document.dispatchEvent(new CustomEvent("playground:json", { detail: text }));
  show();
});
clear.addEventListener("click", () => {
  list.replaceChildren();
  show();
});
