// "live:page": the parts of the page ([data-live-part], each with an id) become those of the answer. What changed in them is
// flashed with the name of who did it, rows of lists and the first part, unless it is "quiet". The focus stays; forms that people
// fill in are in no part.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`live:${what}`, { detail }));
const who = ({ by, mine }) => (mine ? "You" : by || "Somebody");
const textOf = (element) => [...element.childNodes].map((node) => (node.nodeName === "TIME" ? "" : node.nodeType === 3 ? node.data : node.nodeType === 1 ? textOf(node) : "")).join("");
const digest = (element) => textOf(element).replace(/\s+/g, " ");

/** Return a copy without what differs from answer to answer. */
function plain(part) {
  const copy = part.cloneNode(true);
  for (const one of copy.querySelectorAll("[name=csrfmiddlewaretoken], .flash-name")) one.remove();
  for (const one of copy.querySelectorAll("time")) one.textContent = "";
  for (const one of [copy, ...copy.querySelectorAll(".is-flashed")]) one.classList.remove("is-flashed");
  if (!copy.classList.length) copy.removeAttribute("class");
  return copy;
}

/** Return a selector of the control in `part` that has the focus. */
function focused(part) {
  const at = document.activeElement;
  const name = part.contains(at) && ["href", "aria-label", "value", "name"].find((one) => at.hasAttribute(one));
  return name ? `${at.localName}[${name}="${CSS.escape(at.getAttribute(name))}"]` : undefined;
}

function rows(part) {
  const found = [...part.querySelectorAll("li[id]")].map((row) => [row.id, digest(row)]);
  return new Map(found);
}

/** Return what a part shows anew: the rows of a list, else all of it. */
function changed(part, old) {
  if (part.dataset.livePart === "quiet" || digest(part) === digest(old)) return [];
  const [before, now] = [rows(old), rows(part)];
  const ids = before.size || now.size ? [...now.keys()].filter((id) => before.get(id) !== now.get(id)) : [part.id];
  return ids.map((id) => document.getElementById(id));
}

function replace(part, fresh) {
  if (plain(part).isEqualNode(plain(fresh))) return [];
  const [old, focus] = [plain(part), focused(part)];
  htmx.swap(part, fresh.outerHTML, { swapStyle: "outerHTML" });
  if (focus) document.querySelector(`#${CSS.escape(fresh.id)} ${focus}`)?.focus({ preventScroll: true });
  return changed(document.getElementById(fresh.id), old);
}

document.addEventListener("live:page", ({ detail: { news, status, text } }) => {
  if (status !== 200) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  const shown = [];
  for (const part of document.querySelectorAll("[data-live-part]")) {
    const fresh = page.getElementById(part.id);
    if (fresh) shown.push(...replace(part, fresh));
    else part.replaceChildren();
  }
  const by = [...new Set([...news.values()].map(who))].join(", ");
  const whole = shown.find((element) => element.matches("[data-live-part]"));
  for (const element of by ? shown : []) if (element === whole || !element.matches("[data-live-part]")) tell("flash", { element, by });
  document.title = page.title;
  document.getElementById("messages").append(...page.querySelectorAll("#messages > *"));
});
