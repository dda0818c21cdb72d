// "board:keep" and "board:kept", around what others changed on the board: the focus, ticked cards, what is typed into a new deal
// and how far each column is scrolled and loaded stay as they are.

const lists = () => [...document.querySelectorAll("[data-cards]")];
const cards = (list) => [...list.querySelectorAll(":scope > [data-card]")];
const boxes = () => [...document.querySelectorAll("[data-board] input[name=deal]")];
const pkOf = (box) => box.closest("[data-card]").id;
const scroller = (list) => (list.scrollHeight > list.clientHeight + 1 && getComputedStyle(list).overflowY !== "visible" ? list : document.scrollingElement);
let kept;

/** Return a selector of the element that has the focus, if the board would lose it. */
function focused() {
  const at = document.activeElement;
  const card = at?.closest?.("[data-board] [data-card]");
  const own = ["name", "aria-label", "data-add", "href"].find((name) => at?.hasAttribute(name));
  const self = own ? `${at.localName}[${own}="${CSS.escape(at.getAttribute(own))}"]` : at?.localName;
  if (card) return card === at ? `[id="${card.id}"]` : `[id="${card.id}"] ${self}`;
  return at?.closest?.("[data-board]") && own ? `[data-board] ${self}` : undefined;
}

/** Remember the first cards of a column that one sees, and where they are on the screen. */
function place(list) {
  const top = scroller(list) === list ? list.getBoundingClientRect().top : 0;
  const seen = cards(list).filter((card) => card.getBoundingClientRect().bottom > top).slice(0, 5);
  const anchors = seen.map((card) => ({ pk: card.id, top: card.getBoundingClientRect().top }));
  const isScrolled = scroller(list).scrollTop > 0 && list.checkVisibility();
  return { key: list.id, anchors: isScrolled ? anchors : [], count: cards(list).length };
}

function putBack({ key, anchors }, news) {
  const list = document.getElementById(key);
  const anchor = anchors.find(({ pk }) => !news.has(pk) && document.getElementById(pk)?.parentElement === list);
  if (anchor) scroller(list).scrollTop += document.getElementById(anchor.pk).getBoundingClientRect().top - anchor.top;
}

/** Load as many cards of a column as there were. */
async function refill({ key, count }) {
  const list = document.getElementById(key);
  while (list?.isConnected && cards(list).length < count) {
    const more = list.querySelector("[data-more] a[hx-get]");
    if (!more) return;
    await htmx.ajax("GET", more.getAttribute("hx-get"), { source: more, target: more.closest("li"), swap: "outerHTML" }).catch(() => {});
    if (more.isConnected) return;
  }
}

function tick(pks) {
  for (const box of boxes()) if (pks.has(pkOf(box))) box.checked = true;
  boxes()[0]?.dispatchEvent(new Event("change", { bubbles: true })); // they are counted
}

document.addEventListener("board:keep", ({ detail: { isWhole } }) => {
  const slots = isWhole ? [...document.querySelectorAll(".column-new:has(form)")] : [];
  const ticks = new Set(boxes().filter((box) => box.checked).map(pkOf));
  kept = { focus: focused(), ticks, places: lists().map(place), slots, left: document.querySelector(".board-columns").scrollLeft };
  for (const slot of slots) slot.remove(); // or htmx would clean up what it knows of the form
});

document.addEventListener("board:kept", async ({ detail: { isWhole, news } }) => {
  const { focus, ticks, places, slots, left } = kept;
  for (const slot of slots) document.getElementById(slot.id)?.replaceWith(slot);
  tick(ticks);
  document.querySelector(".board-columns").scrollLeft = left;
  if (isWhole) await Promise.all(places.map(refill));
  tick(ticks);
  for (const one of places) putBack(one, news);
  const lost = [null, document.body].includes(document.activeElement);
  if (focus && lost) document.querySelector(focus)?.focus({ preventScroll: true });
});
