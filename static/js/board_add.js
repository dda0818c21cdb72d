// Adding a deal right in its column: "+" opens the form, Enter saves and stays, Escape hides it with what is typed.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));
const slotOf = (element) => element.closest?.(".column-new");
const keyOf = (slot) => slot.closest("[data-column]").dataset.column;

function focus(slot) {
  (slot.querySelector("[aria-invalid=true]") ?? slot.querySelector("[name=title]"))?.focus();
}

async function open(button) {
  const slot = document.getElementById(`add-${button.dataset.add}`);
  const { url, query: board } = document.querySelector("[data-board]").dataset;
  const asked = new URLSearchParams({ stage: button.dataset.add, board, next: `${location.pathname}${location.search}` });
  if (!slot.querySelector("form")) {
    await htmx.ajax("GET", `${url}new/?${asked}`, { target: slot, swap: "innerHTML" }).catch(() => {});
  }
  slot.hidden = false;
  if (slot.querySelector("form")) focus(slot);
  else location.assign(button.href);
}

function close(slot) {
  slot.hidden = true;
  document.querySelector(`[data-add="${CSS.escape(keyOf(slot))}"]`)?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-add]");
  if (button && !(event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    open(button);
  } else if (event.target.closest?.(".column-new [data-quick-close]")) {
    event.preventDefault();
    close(slotOf(event.target));
  }
});

document.addEventListener("keydown", (event) => {
  const slot = slotOf(event.target);
  if (event.key !== "Escape" || event.defaultPrevented || !slot) return;
  event.preventDefault();
  close(slot);
});

// A fresh form, or the same one with what is wrong.
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.isConnected && slotOf(target) && target.matches("form")) focus(slotOf(target));
});

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ target }) => {
    if (slotOf(target)) tell("toast", { text: "The deal was not saved. What you typed is still there: try again." });
  });
}
