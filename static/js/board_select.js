// Several cards at once: ticked by their box, with Shift, by "x", or by a long press; Escape lets go of them.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));
const boxOf = (card) => card.querySelector("input[name=deal]");
const boxes = () => [...document.querySelectorAll("[data-board] input[name=deal]")];
const ticked = () => boxes().filter((box) => box.checked);
const isCoarse = matchMedia("(pointer: coarse)");
let last; // the card that a range starts from
let quiet = 0; // the click that ends a long press is none

function update() {
  const count = ticked().length;
  const said = document.querySelector("[data-selection-count]");
  const text = count ? `${count} selected` : "";
  if (said && said.value !== text) said.value = text;
}

function toggle(card, range = false) {
  const box = boxOf(card);
  if (!box) return;
  const all = [...card.parentElement.querySelectorAll("[data-card]")];
  const [from, to] = [all.indexOf(last), all.indexOf(card)];
  if (range && from >= 0 && from !== to) {
    for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) if (boxOf(one)) boxOf(one).checked = true;
  } else {
    box.checked = !box.checked;
  }
  last = card;
  update();
}

function clear() {
  for (const box of ticked()) box.checked = false;
  last = undefined;
  update();
}

document.addEventListener("click", (event) => {
  const card = event.target.closest?.("[data-board] [data-card]");
  const isQuiet = performance.now() < quiet;
  if (!card || (event.target.closest(".deal-card-tools") && !isQuiet)) return;
  const isPick = event.shiftKey || (isCoarse.matches && ticked().length > 0);
  if (!isQuiet && !isPick) return;
  event.preventDefault();
  event.stopPropagation();
  if (!isQuiet) toggle(card, event.shiftKey);
}, { capture: true });

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "x" && event.target.matches?.("[data-card]")) toggle(event.target);
  if (event.key === "Escape" && ticked().length && !document.querySelector("dialog[open], .is-dragging")) clear();
});

window.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-selection]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  for (const menu of form.querySelectorAll("details[open]")) menu.open = false;
  const values = new FormData(form, event.submitter);
  tell("several", { url: form.getAttribute("action"), values, isAsking: event.submitter?.formMethod === "get" });
}, { capture: true });

document.addEventListener("change", (event) => event.target.matches?.("input[name=deal]") && update());
document.addEventListener("reset", () => setTimeout(update));
document.addEventListener("htmx:load", update);
document.addEventListener("board:toggle", ({ detail }) => (quiet = performance.now() + 500, toggle(detail.card)));
document.addEventListener("board:cleared", clear);
update();
