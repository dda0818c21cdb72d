// A new board that arrives while a card is in the hand, or a move is under way, waits: it is asked for again afterwards.
// "live:busy" tells others of it.

let held = 0;
let waiting;

const reload = () => document.dispatchEvent(new CustomEvent("board:reload"));

document.addEventListener("board:hold", () => (held += 1));
document.addEventListener("board:release", () => {
  held = Math.max(0, held - 1);
  if (held || !waiting) return;
  const again = waiting;
  waiting = undefined;
  again();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (!held || target.id !== "board") return;
  event.preventDefault();
  const { elt, path } = requestConfig;
  waiting = () => (elt.isConnected ? htmx.ajax("GET", path, { source: elt }) : reload());
});

document.addEventListener("live:busy", (event) => held && event.preventDefault());

// The next page of a column may have been read before a card of it was moved.
document.addEventListener("htmx:load", ({ target }) => {
  if (!target.matches?.("[data-card]")) return;
  if (document.querySelectorAll(`[data-card][id="${CSS.escape(target.id)}"]`).length > 1) target.remove();
});
