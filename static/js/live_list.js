// A list ([data-live-list="Deal"]) counts what others changed since it was drawn and offers to draw it anew. A row of what one may
// no longer see, or what is deleted, goes at once.

const PATHS = { Deal: "deals", Contact: "contacts", Company: "companies", Activity: "activities" };
const list = () => document.querySelector("[data-live-list]");
const changed = new Set();
let isBehind = false;

function show() {
  const link = document.querySelector("[data-live-refresh]");
  if (!link) return;
  link.hidden = !changed.size && !isBehind;
  const count = `${changed.size} change${changed.size === 1 ? "" : "s"}`;
  link.textContent = `${isBehind ? "There may be changes" : count}: refresh`;
  link.href = location.href;
}

document.addEventListener("live:changes", ({ detail }) => {
  for (const { class: name, id, what, mine } of detail) {
    const isOver = what === "delete" || what === "gone";
    if (isOver) document.querySelector(`#record-list a.row-link[href*="/${PATHS[name]}/${CSS.escape(id)}/"]`)?.closest("tr").remove();
    if (name === list()?.dataset.liveList && !mine) changed.add(id);
  }
  show();
});

document.addEventListener("live:again", () => ((isBehind = true), show()));
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-live-refresh]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  htmx.ajax("GET", location.href, { target: "#record-list", swap: "outerHTML" });
});
document.addEventListener("htmx:load", ({ target }) => {
  if (target.id !== "record-list") return;
  changed.clear();
  isBehind = false;
  show();
});
