// On a phone one column shows at a time: the one whose tab was pressed, or that a card was carried to ("board:show").

let shown;

const board = () => document.querySelector("[data-board]");
const columns = () => [...board().querySelectorAll("[data-column]")];
const tabs = () => board().querySelectorAll("[data-board-tab]");

function show(key) {
  if (!columns().some((column) => column.dataset.column === key)) return;
  const isNew = key !== shown;
  shown = key;
  board().dataset.tabbed = "yes";
  for (const column of columns()) column.toggleAttribute("data-shown", column.dataset.column === key);
  for (const tab of tabs()) {
    if (tab.dataset.boardTab !== key) tab.removeAttribute("aria-current");
    else if (tab.getAttribute("aria-current") !== "true") {
      tab.setAttribute("aria-current", "true");
      const { parentElement: strip } = tab;
      if (isNew) strip.scrollTo({ left: tab.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2, behavior: "smooth" });
    }
  }
}

/** What a move changed in the heads of columns shows in their tabs. */
function count() {
  for (const tab of tabs()) {
    const head = document.getElementById(`head-${tab.dataset.boardTab}`);
    const figure = tab.querySelector(".count");
    if (head && figure.textContent !== head.dataset.count) figure.textContent = head.dataset.count;
  }
}

function refresh() {
  if (!board()) return;
  const first = columns()[0]?.dataset.column;
  const named = board().querySelector(":target")?.closest("[data-column]")?.dataset.column;
  if (!board().dataset.tabbed) show(columns().some((one) => one.dataset.column === shown) ? shown : named ?? first);
  count();
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest?.("[data-board-tab]");
  if (!tab) return;
  event.preventDefault();
  show(tab.dataset.boardTab);
  const top = board().getBoundingClientRect().top + scrollY - tab.parentElement.getBoundingClientRect().top;
  if (board().getBoundingClientRect().top < 0) scrollTo({ top: Math.max(0, top) });
});
document.addEventListener("board:show", ({ detail }) => show(detail.key));
document.addEventListener("htmx:load", refresh);
refresh();
