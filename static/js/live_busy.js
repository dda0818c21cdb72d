// "live:busy": whoever asks may not change the page now, for somebody works there: a menu or dialog is open, a deal is being added
// to the board, text is selected, or something is being typed or sent. (A card in the hand is in board_wait.js.)

const TYPED_MS = 1000;
const WORK = "dialog[open], main details[data-menu][open], .column-new:not([hidden]) form:focus-within, main form[data-sending]";
let typedAt = -Infinity;
let isComposing = false;

function isSelecting() {
  const { isCollapsed, anchorNode } = getSelection();
  return !isCollapsed && anchorNode?.parentElement?.closest("[data-live-part]");
}

document.addEventListener("live:busy", (event) => {
  const isTyping = isComposing || performance.now() - typedAt < TYPED_MS;
  if (isTyping || isSelecting() || document.querySelector(WORK)) event.preventDefault();
});
document.addEventListener("input", ({ target }) => {
  if (target.matches("textarea, select, input:not([type=checkbox], [type=radio])")) typedAt = performance.now();
});
document.addEventListener("compositionstart", () => (isComposing = true));
document.addEventListener("compositionend", () => (isComposing = false));
