// The page /offline/: what waits to be sent, and what can be done about it. Signing out warns of what would be lost.

const STATES = {
  waiting: "Is sent when the network is back.",
  conflict: "Somebody else changed it meanwhile: choose, field by field.",
  invalid: "The server did not take it as it is: mend it.",
  refused: "The server refused it: you may no longer do this, or it is gone.",
};
const DEEDS = { conflict: "Choose", invalid: "Mend" };
const list = document.querySelector("[data-queue]");
const ask = (detail) => document.dispatchEvent(new CustomEvent("offline:ask", { detail }));
let entries = [];
let elsewhere = 0;

const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });

/** Show the entry's form as the server sees it now: a page with both versions, or with what is wrong. */
function settle({ id, url, fields, person, page, what, changes }) {
  const form = Object.assign(document.createElement("form"), { method: "post", action: `${url}?queued=${id}`, hidden: true });
  const described = JSON.stringify({ person, page, what, changes });
  for (const [name, value] of [...fields, ["offline", described]]) {
    form.append(Object.assign(document.createElement("textarea"), { name, value }));
  }
  document.body.append(form);
  form.submit();
}

const deeds = {
  settle,
  retry: ({ id }) => ask({ op: "retry", id }),
  discard: ({ id, what }) => confirm(`Discard what you typed: ${what}?`) && ask({ op: "discard", id }),
};

function row(entry) {
  const item = document.getElementById("queue-entry").content.firstElementChild.cloneNode(true);
  const time = new Date(entry.time);
  item.querySelector("[data-what]").textContent = entry.what;
  item.querySelector("time").textContent = time.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  item.querySelector("[data-state]").textContent = STATES[entry.state];
  for (const { label, from, to } of entry.changes) {
    const value = make("dd", "");
    if (from) value.append(make("del", from), " ");
    value.append(make("ins", to || "—"));
    item.querySelector("[data-changes]").append(make("dt", label), value);
  }
  for (const button of item.querySelectorAll("[data-do]")) {
    if (button.dataset.do === "settle") button.textContent = DEEDS[entry.state] ?? "";
    button.hidden = (button.dataset.do === "settle" && !DEEDS[entry.state]) || (button.dataset.do === "retry" && entry.state === "conflict");
    button.addEventListener("click", () => deeds[button.dataset.do](entry));
  }
  return item;
}

document.addEventListener("offline:state", ({ detail }) => {
  ({ entries, elsewhere } = detail);
  list?.replaceChildren(...entries.map(row));
  for (const text of document.querySelectorAll("[data-queue-empty]")) text.hidden = entries.length > 0;
});

function lost() {
  const count = entries.length + elsewhere;
  const whose = elsewhere ? ", of somebody else on this device," : "";
  return `${count === 1 ? "A change that was" : `${count} changes that were`} not sent yet${whose} will be lost. Sign out?`;
}

// On window, so that it comes before submit.js takes the form for one that is on its way.
window.addEventListener("submit", (event) => {
  const isSafe = !event.target.matches("[data-sign-out]") || !(entries.length + elsewhere);
  if (isSafe || confirm(lost())) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, { capture: true });

document.addEventListener("click", (event) => {
  const queued = Number(new URLSearchParams(location.search).get("queued"));
  if (queued && event.target.closest("[data-drop]")) ask({ op: "discard", id: queued });
});
