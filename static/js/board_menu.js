// The "Move to" menu of a card: kept within the window, marks where the card stands, and moves without leaving the page.

const GAP = 8;
const menus = "details[data-move-menu]";

function show(menu) {
  const card = menu.closest("[data-card]");
  const list = menu.querySelector(".menu-list");
  for (const button of list.querySelectorAll("button")) {
    if (button.value === card.dataset.stage) button.setAttribute("aria-current", "true");
  }
  const at = menu.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = list;
  const isAbove = at.bottom + height + GAP > innerHeight && at.top > height;
  list.style.setProperty("--menu-top", `${Math.max(GAP, isAbove ? at.top - height - GAP / 2 : Math.min(at.bottom + GAP / 2, innerHeight - height - GAP))}px`);
  list.style.setProperty("--menu-left", `${Math.max(GAP, at.right - width)}px`);
}

document.addEventListener("toggle", ({ target }) => {
  if (target.open && target.matches(menus)) show(target);
}, { capture: true });

// What it was opened at moves away under it.
document.addEventListener("scroll", ({ target }) => {
  for (const menu of document.querySelectorAll(`${menus}[open]`)) {
    if (target.contains(menu)) menu.open = false;
  }
}, { capture: true, passive: true });

window.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-move]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const card = event.submitter.closest("[data-card]");
  event.submitter.closest("details").open = false;
  card.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("board:put", { detail: { card, stage: event.submitter.value } }));
}, { capture: true });
