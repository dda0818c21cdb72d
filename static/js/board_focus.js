// One card of each column is in the order of Tab, with its controls; arrows go on from there, Enter opens.

const lists = () => [...document.querySelectorAll("[data-cards]")];
const shown = () => lists().filter((list) => list.checkVisibility());
const inColumn = (list) => [...list.querySelectorAll("[data-card]")];
const controls = (card) => card.querySelectorAll(":scope > a, .deal-card-tools :is(input, summary)");

function order(card, place) {
  if (card.tabIndex === place && card.dataset.ordered) return;
  card.dataset.ordered = "yes";
  card.tabIndex = place;
  for (const control of controls(card)) control.tabIndex = place;
}

/** Make `chosen` the card of its column that Tab comes to; elsewhere keep what there is, or take the first. */
function rove(chosen) {
  for (const list of lists()) {
    const all = inColumn(list);
    const own = chosen?.parentElement === list ? chosen : undefined;
    const current = own ?? all.find((card) => card.tabIndex === 0) ?? all[0];
    for (const card of all) order(card, card === current ? 0 : -1);
  }
}

function focus(card) {
  if (!card) return;
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function beside(card, step) {
  const lists = shown();
  let at = lists.indexOf(card.parentElement);
  while (lists[at += step] && !inColumn(lists[at]).length);
  if (!lists[at]) return undefined;
  const middle = (one) => one.getBoundingClientRect().top;
  const distance = (one) => Math.abs(middle(one) - middle(card));
  return inColumn(lists[at]).reduce((near, one) => (distance(one) < distance(near) ? one : near));
}

const along = (card, step) => inColumn(card.parentElement)[inColumn(card.parentElement).indexOf(card) + step];
const keys = {
  ArrowUp: (card) => focus(along(card, -1)),
  ArrowDown: (card) => focus(along(card, 1)),
  ArrowLeft: (card) => focus(beside(card, -1)),
  ArrowRight: (card) => focus(beside(card, 1)),
  Home: (card) => focus(inColumn(card.parentElement)[0]),
  End: (card) => focus(inColumn(card.parentElement).at(-1)),
  Enter: (card) => card.querySelector(".row-link").click(),
};

document.addEventListener("keydown", (event) => {
  const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.defaultPrevented);
  if (!isPlain || !event.target.matches?.("[data-card]:not(.is-lifted)") || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key](event.target);
});

document.addEventListener("focusin", (event) => {
  const card = event.target.closest?.("[data-board] [data-card]");
  if (card && card.tabIndex !== 0) rove(card);
});
document.addEventListener("board:focus", ({ detail }) => focus(document.getElementById(detail.pk)));
document.addEventListener("htmx:load", () => rove());
rove();
