// The page /offline/: what can be read without network, pinned pages first, then the last opened.

const list = document.querySelector("[data-kept-pages]");
const SHOWN = ["record", "other"];
const ask = (op) => document.dispatchEvent(new CustomEvent("offline:ask", { detail: { op } }));
let asked;

function row({ path, title, time, isPinned }) {
  const item = document.getElementById("kept-page").content.firstElementChild.cloneNode(true);
  Object.assign(item.querySelector("a"), { href: path, textContent: title || path });
  item.querySelector("[data-pinned]").hidden = !isPinned;
  const when = new Date(time).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  Object.assign(item.querySelector("time"), { dateTime: time, textContent: `as of ${when}` });
  return item;
}

function show({ detail }) {
  const pages = detail.pages.filter(({ kind, path }) => SHOWN.includes(kind) && !path.endsWith("/new/"));
  pages.sort((one, other) => other.isPinned - one.isPinned || (one.time < other.time ? 1 : -1));
  list.replaceChildren(...pages.map(row));
  document.querySelector("[data-kept-empty]").hidden = pages.length > 0;
}

if (list) {
  const said = new URLSearchParams(location.pathname.startsWith("/offline/") ? location.search : "elsewhere");
  for (const part of document.querySelectorAll("[data-said]")) part.hidden = !said.has(part.dataset.said);
  document.addEventListener("offline:kept", show);
  document.addEventListener("offline:state", ({ detail }) => {
    const now = JSON.stringify([detail.person, detail.pins, detail.isSending]);
    if (now !== asked) ask("kept");
    asked = now;
  });
}
