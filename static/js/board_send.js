// "board:send": one request of the board. detail {url, method, values, target, answered}; optional `into` (what the answer
// replaces) and `accepts` (asked whether it may). An answer of 200, 409 or 422 that is no form is made of fragments, which htmx
// swaps out of band; then `answered({status, text})` is called, with status 0 when no answer came. "board:told" says of each
// deal of an answer where it is: detail {pk, stage, version}, the version where the deal is in a folded column.

const SWAPPED = [200, 409, 422];
const COLUMN = "[id='cards-";
const isUnsaved = () => !document.dispatchEvent(new CustomEvent("unsaved", { cancelable: true }));
const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));

const hasCard = (content, pk) => content.querySelector(`[data-card][id="${CSS.escape(pk)}"]`) !== null;

/** Tell whether a fragment is what the page has already: it keeps the focus in it. */
function isShown(part) {
  const copy = part.cloneNode(true);
  copy.removeAttribute("hx-swap-oob");
  return document.getElementById(part.id)?.isEqualNode(copy) ?? false;
}

function report({ id: pk, dataset: { stage, version } }, content) {
  tell("told", { pk, stage, version: hasCard(content, pk) ? undefined : version });
}

/** Return the fragments that have a place on this page: of a card that is not loaded there is nothing to replace. */
function placeable(text) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  const known = (selector) => document.querySelector(selector) ?? holder.content.querySelector(`li${selector}`);
  for (const part of holder.content.querySelectorAll("[hx-swap-oob]")) {
    const [how, where] = part.getAttribute("hx-swap-oob").split(/:(.*)/s);
    if (how === "delete") report(part, holder.content);
    const place = where ?? `[id="${CSS.escape(part.id)}"]`;
    if (where?.startsWith(COLUMN) && !known(place)) tell("reload"); // "other" came back
    if (!(where ? known(place) : document.getElementById(part.id))) part.remove();
    else if (how === "delete") part.replaceChildren();
    else if (isShown(part)) part.remove();
  }
  return holder.innerHTML;
}

const hasForm = ({ text }) => text.includes('id="move-form"');

function answered(detail, answer) {
  if (answer.elsewhere && !(detail.accepts && isUnsaved())) return location.assign(answer.elsewhere);
  if (SWAPPED.includes(answer.status) && !hasForm(answer) && (detail.accepts?.() ?? true)) {
    if (detail.into) htmx.swap(detail.into, answer.text, { swapStyle: "outerHTML" });
    else htmx.swap(document.body, placeable(answer.text), { swapStyle: "none" });
  }
  return detail.answered(answer);
}

document.addEventListener("board:send", ({ detail }) => {
  const sent = { ...detail, answered: (answer) => answered(detail, answer) };
  document.dispatchEvent(new CustomEvent("request", { detail: sent }));
});
