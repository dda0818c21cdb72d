// "board:ask": the dialog of a move that needs an answer first. detail {url} (a form to fetch) or {text} (the form), and
// {card}. What is typed stays until the server has taken it, or the person cancels.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));
const dialog = () => document.querySelector("[data-move-dialog]");
const FAILED = "That did not work. Nothing was changed; what you typed is still here.";
const LOST = "No connection. What you typed is still here: try again.";
let about; // the id of the card that gets the focus back

function fill(text) {
  htmx.swap(dialog(), text, { swapStyle: "innerHTML" });
  if (!dialog().open) dialog().showModal();
  const wrong = dialog().querySelector("[aria-invalid=true]");
  (wrong ?? dialog().querySelector("input:not([type=hidden], [hidden]), select:not([hidden]), textarea, [type=submit]:not(.visually-hidden)"))?.focus();
}

function complain(status) {
  const text = status ? FAILED : LOST;
  const told = dialog().querySelector("[data-failed]") ?? document.createElement("p");
  Object.assign(told, { className: "notice tone-bad", role: "alert", textContent: text });
  told.dataset.failed = "yes";
  dialog().querySelector("form").prepend(told);
}

document.addEventListener("board:ask", ({ detail: { url, text, card } }) => {
  about = card?.id;
  if (text) return fill(text);
  const answered = (answer) => {
    if (answer.status === 200) return fill(answer.text);
    if (answer.status === 409) return undefined; // it has its own message
    tell("toast", { text: answer.status ? "That did not work. Nothing was changed." : "No connection. Nothing was changed." ,
      again: () => tell("ask", { url, card }) });
    if (answer.status === 404) tell("reload");
  };
  return tell("send", { url, method: "GET", target: "move-form", answered });
});

window.addEventListener("submit", (event) => {
  const form = event.target;
  if (!dialog()?.contains(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.getAttribute("aria-busy")) return;
  form.setAttribute("aria-busy", "true");
  const values = new FormData(form, event.submitter);
  values.set("board", document.querySelector("[data-board]").dataset.query);
  tell("hold");
  const answered = ({ status, text }) => {
    form.removeAttribute("aria-busy");
    if ([409, 422].includes(status) && text.includes('id="move-form"')) fill(text);
    else if (status === 200 || status === 409) dialog().close();
    else complain(status);
    tell("release");
    if (status === 200) tell("cleared");
    if (status === 409) tell("reload");
  };
  tell("send", { url: form.getAttribute("action"), values, target: "move-form", answered });
}, { capture: true });

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-move-dialog] [data-cancel]")) return;
  event.preventDefault();
  dialog().close();
});

document.addEventListener("close", (event) => {
  if (event.target !== dialog()) return;
  dialog().replaceChildren();
  if (about) tell("focus", { pk: about });
}, { capture: true });
