// Messages: dismissed by their button; plain good news leaves by itself, anything else stays.

const READ_MS = 7000;

const leavesByItself = (toast) =>
  !toast.querySelector("form") && !toast.matches(".toast--error, .toast--warning, :hover, :focus-within");

function arm(toast) {
  if (toast.dataset.armed) return;
  toast.dataset.armed = "yes";
  const leave = () => {
    if (!toast.isConnected) return;
    if (leavesByItself(toast)) toast.remove();
    else setTimeout(leave, READ_MS);
  };
  setTimeout(leave, READ_MS);
}

function armAll() {
  for (const toast of document.querySelectorAll("[data-toast]")) arm(toast);
}

document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest("[data-toast]")?.remove();
});
document.addEventListener("htmx:oobAfterSwap", armAll);
armAll();
