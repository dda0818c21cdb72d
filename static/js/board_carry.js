// Moving by keyboard: Space lifts the focused card, arrows carry it, Space drops it, Escape puts it back; each step is said.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));
const say = (text) => tell("say", text);
const nameOf = (card) => card.querySelector(".row-link").textContent.trim();
const lists = () => [...document.querySelectorAll("[data-cards]")].filter((list) => list.dataset.cards !== "other");
const others = (list) => [...list.querySelectorAll("[data-card]:not(.is-lifted)")];
let lifted;
let home;
let isMoving = false; // an element that is moved loses the focus for a moment

function where(card) {
  const list = card.parentElement;
  const column = list.closest("[data-column]");
  const label = column.querySelector("h2").textContent.trim();
  if ("folded" in column.dataset) return `${label}.`;
  const count = Number(column.querySelector("[data-count]").dataset.count) + (list === home.list ? 0 : 1);
  return `${label}, position ${[...list.querySelectorAll("[data-card]")].indexOf(card) + 1} of ${count}.`;
}

function put(list, next, isLeft = false) {
  isMoving = true;
  list.insertBefore(lifted, next ?? list.querySelector("[data-more]"));
  if (!isLeft) {
    tell("show", { key: list.dataset.cards });
    tell("focus", { pk: lifted.id });
  }
  isMoving = false;
}

function lift(card) {
  if (card.matches("[data-fixed]")) return say(`${nameOf(card)} cannot be moved by you.`);
  if (card.hasAttribute("aria-busy")) return undefined;
  lifted = card;
  home = { list: card.parentElement, next: card.nextElementSibling };
  card.classList.add("is-lifted");
  tell("hold");
  return say(`Lifted ${nameOf(card)}. ${where(card)}`);
}

function settle(word, isBack = false, isLeft = false) {
  const card = lifted;
  if (isBack) put(home.list, home.next, isLeft);
  say(`${word} ${nameOf(card)}. ${where(card)}`);
  card.classList.remove("is-lifted");
  lifted = undefined;
  const { list, next } = home;
  const isSame = card.parentElement === list && card.nextElementSibling === next;
  if (!isBack && !isSame) tell("put", { card, stage: card.parentElement.dataset.cards, home });
  tell("release");
}

function carry(key) {
  const list = lifted.parentElement;
  const isUpright = key === "ArrowUp" || key === "ArrowDown";
  const step = key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1;
  const at = [...list.querySelectorAll("[data-card]")].indexOf(lifted);
  if (isUpright) {
    if (list.closest("[data-board]").dataset.sort !== "position") return say("Cards of this order keep their place in a column.");
    if (list.dataset.cards !== "other" && at + step >= 0 && at + step <= others(list).length) put(list, others(list)[at + step]);
  } else {
    const all = lists();
    const to = all.includes(list) ? all[all.indexOf(list) + step] : step < 0 && all.at(-1);
    if (to) put(to, to === home.list ? home.next : others(to)[at]);
  }
  return say(where(lifted));
}

document.addEventListener("keydown", (event) => {
  const card = event.target;
  if (!card.matches?.("[data-board] [data-card]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const isHeld = lifted === card;
  if (event.key === " ") isHeld ? settle("Dropped") : lift(card);
  else if (isHeld && event.key === "Enter") settle("Dropped");
  else if (isHeld && event.key === "Escape") settle("Put back", true);
  else if (isHeld && event.key.startsWith("Arrow")) carry(event.key);
  else return;
  event.preventDefault();
});
document.addEventListener("focusout", (event) => lifted && !isMoving && event.target === lifted && settle("Put back", true, true));
