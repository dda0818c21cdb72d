// Dragging by mouse and finger (SortableJS): says "board:put" where a card was dropped. Escape puts it back.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));
const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let home;
let isCancelled = false;

const back = (card) => home.list.insertBefore(card, home.next);

const under = ({ originalEvent: at }) => (at?.clientX === undefined ? null : document.elementFromPoint(at.clientX, at.clientY));

function zoneOf(event) {
  const zone = under(event)?.closest("[data-zone], [data-folded]");
  return zone && (zone.dataset.zone ?? zone.dataset.column);
}

/** Let a card land where it was let go, also when it was thrown faster than the cards could make room. */
function land(card, event) {
  const list = under(event)?.closest("[data-column]")?.querySelector("[data-cards]");
  if (!list || list.dataset.cards === "other") return;
  if (list === home.list && !Sortable.get(list).option("sort")) return back(card);
  const isBelow = (box) => box.top + box.height / 2 > event.originalEvent.clientY;
  const others = [...list.querySelectorAll("[data-card]")].filter((one) => one !== card);
  const next = others.find((one) => isBelow(one.getBoundingClientRect())) ?? list.querySelector("[data-more]");
  if (card.parentElement !== list || card.nextElementSibling !== next) list.insertBefore(card, next);
}

function onStart({ item, from }) {
  isCancelled = false;
  home = { list: from, next: item.nextElementSibling };
  Sortable.ghost.inert = true; // a picture of the card, outside of its list
  document.body.classList.add("is-dragging");
  document.body.toggleAttribute("data-compact", from.closest("[data-compact]") !== null);
  tell("hold");
}

function onEnd(event) {
  const card = event.item;
  const zone = zoneOf(event);
  const isBack = isCancelled || event.originalEvent?.type === "pointercancel" || zone;
  if (isBack) back(card);
  else land(card, event);
  document.body.classList.remove("is-dragging");
  document.body.removeAttribute("data-compact");
  const list = card.parentElement;
  const stage = isBack ? zone : list.dataset.cards;
  const isMoved = isBack ? zone !== list.dataset.cards : list !== home.list || card.nextElementSibling !== home.next;
  if (!isCancelled && stage && isMoved) tell("put", { card, stage, home: isBack ? undefined : home });
  tell("release");
  // Sortable swallows the click that ends a drag; where the browser makes none, that must not be the next real one.
  setTimeout(() => document.body.click());
}

function options(list) {
  const board = list.closest("[data-board]");
  const isOther = list.dataset.cards === "other";
  return {
    group: { name: "deals", put: !isOther },
    sort: board.dataset.sort === "position" && !isOther,
    draggable: "[data-card]",
    filter: "[data-fixed], [aria-busy], .deal-card-tools", preventOnFilter: false,
    forceFallback: true, fallbackOnBody: true, fallbackTolerance: 5, delay: 220,
    delayOnTouchOnly: true, touchStartThreshold: 8, animation: isCalm ? 0 : 140,
    scrollSensitivity: 70, scrollSpeed: 14, emptyInsertThreshold: 30,
    scrollFn: (_x, _y, _event, _touch, scrolled) => (scrolled.matches?.(".board-tabs") ? "stay" : "continue"),
    ghostClass: "card-place", dragClass: "card-held", chosenClass: "card-chosen",
    // The card in the hand is not swapped between the press and the first step, either.
    onChoose: () => tell("hold"), onUnchoose: () => tell("release"), onStart, onEnd,
  };
}

const bind = () => document.querySelectorAll("[data-cards]").forEach((list) => Sortable.get(list) ?? Sortable.create(list, options(list)));
document.addEventListener("htmx:load", bind);
bind();

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !document.body.classList.contains("is-dragging")) return;
  isCancelled = true;
  document.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
});
