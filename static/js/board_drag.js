// Dragging by mouse and finger (SortableJS): says "board:put" where a card was dropped. Escape puts it back.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));
const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let home;
let touched; // the card under a finger that stays where it is
let isCancelled = false;

const back = (card) => home.list.insertBefore(card, home.next);

function over({ originalEvent: at }) {
  const found = at?.clientX === undefined ? null : document.elementFromPoint(at.clientX, at.clientY);
  const place = found?.closest("[data-zone], [data-folded]");
  return place && (place.dataset.zone ?? place.dataset.column);
}

function onStart({ item, from }) {
  touched = undefined;
  isCancelled = false;
  home = { list: from, next: item.nextElementSibling };
  document.body.classList.add("is-dragging");
  document.body.toggleAttribute("data-compact", from.closest("[data-compact]") !== null);
  tell("hold");
}

function onEnd(event) {
  const { item: card, to } = event;
  const zone = over(event);
  const isMoved = to !== home.list || card.nextElementSibling !== home.next;
  document.body.classList.remove("is-dragging");
  document.body.removeAttribute("data-compact");
  if (isCancelled || event.originalEvent?.type === "pointercancel") back(card);
  else if (zone) {
    back(card);
    if (zone !== card.parentElement.dataset.cards) tell("put", { card, stage: zone });
  } else if (isMoved) tell("put", { card, stage: to.dataset.cards, home });
  tell("release");
}

// A finger that presses long and lets go selects; one that moves drags.
const onChoose = ({ item, originalEvent }) => {
  if (originalEvent?.pointerType !== "touch") return;
  touched = item;
  navigator.vibrate?.(8);
};
const onUnchoose = ({ item }) => {
  if (touched === item) tell("toggle", { card: item });
  setTimeout(() => (touched = undefined));
};

function options(list) {
  const board = list.closest("[data-board]");
  const isOther = list.dataset.cards === "other";
  return {
    group: { name: "deals", put: !isOther },
    sort: board.dataset.sort === "position" && !isOther,
    draggable: "[data-card]",
    filter: "[data-fixed], [aria-busy], .deal-card-tools",
    preventOnFilter: false,
    forceFallback: true, fallbackOnBody: true, fallbackTolerance: 5, delay: 220,
    delayOnTouchOnly: true, touchStartThreshold: 8, animation: isCalm ? 0 : 140,
    scrollSensitivity: 70, scrollSpeed: 14, emptyInsertThreshold: 30,
    scrollFn: (_x, _y, _event, _touch, scrolled) => (scrolled.matches?.(".board-tabs") ? "stay" : "continue"),
    ghostClass: "card-place", dragClass: "card-held", chosenClass: "card-chosen",
    onStart, onEnd, onChoose, onUnchoose,
  };
}

const bind = () => document.querySelectorAll("[data-cards]").forEach((list) => Sortable.get(list) ?? Sortable.create(list, options(list)));
document.addEventListener("htmx:load", bind);
bind();

document.addEventListener("contextmenu", (event) => touched && event.preventDefault());
document.addEventListener("touchmove", (event) => touched && event.cancelable && event.preventDefault(), { passive: false });
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !document.body.classList.contains("is-dragging")) return;
  isCancelled = true;
  document.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
});
