// Undo of moves: by the button of the message, or by Ctrl-Z or Cmd-Z for the newest. Only the last move offers it.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));
const board = () => document.querySelector("[data-board]");
const undoes = (form) => form.matches("[data-toast] form") && form.getAttribute("action").includes(`${board().dataset.url}undo/`);
const offers = () => [...document.querySelectorAll("#messages [data-toast] form")].filter(undoes);
const isTyping = (target) => target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog[open]");

window.addEventListener("submit", (event) => {
  const form = event.target;
  if (!board() || !undoes(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.getAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const values = new FormData(form);
  values.set("board", board().dataset.query);
  tell("hold");
  const answered = ({ status }) => {
    form.removeAttribute("aria-busy");
    if (status === 200 || status === 409 || status === 404) form.closest("[data-toast]").remove();
    if (status === 200) tell("say", "Undone.");
    else if (status !== 409) tell("toast", { text: status ? "That could not be undone." : "No connection: nothing was undone." });
    tell("release");
  };
  tell("send", { url: form.getAttribute("action"), values, answered });
}, { capture: true });

document.addEventListener("keydown", (event) => {
  const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  const newest = offers().at(-1);
  if (!isUndo || !newest || isTyping(event.target)) return;
  event.preventDefault();
  newest.requestSubmit();
});

new MutationObserver(() => {
  for (const old of offers().slice(0, -1)) old.closest("[data-toast]").remove();
}).observe(document.getElementById("messages"), { childList: true });
