// Keys: "/" search, "n" new, "g" and a letter go somewhere, "?" help. Never while somebody types.

const places = { h: 0, d: 1, c: 2, o: 3, a: 4 };
let going = 0;

const typing = (target) =>
  target.closest?.("input, textarea, select, [contenteditable], dialog[open], [role=listbox]") !== null;

const help = () => document.getElementById("shortcuts")?.showModal();

function makeNew() {
  const url = document.body.dataset.newUrl;
  if (url) return location.assign(url);
  const menu = document.querySelector("[data-new-menu]");
  if (!menu) return undefined;
  menu.open = true;
  return menu.querySelector(".menu-list a").focus();
}

const keys = {
  "/": () => document.getElementById("site-search")?.focus(),
  n: makeNew,
  g: () => (going = performance.now()),
  "?": help,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
  const isGoing = going && performance.now() - going < 1500;
  const place = isGoing ? places[event.key] : undefined;
  going = 0;
  if (isGoing && event.key === "b") {
    event.preventDefault();
    location.assign(document.querySelector("[data-board-url]").dataset.boardUrl);
  } else if (place !== undefined) {
    event.preventDefault();
    document.querySelectorAll(".nav-list a")[place]?.click();
  } else if (Object.hasOwn(keys, event.key)) {
    event.preventDefault();
    keys[event.key]();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shortcuts]")) help();
  if (event.target.matches("dialog[open]:not([data-move-dialog])")) event.target.close();
});
