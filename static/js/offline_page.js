// A page that was kept says so and offers nothing that needs the network; any page says what waits to be sent from it.

const { kept } = document.documentElement.dataset;
const settled = Number(new URLSearchParams(location.search).get("queued")); // the page is about this entry itself
const isHere = ({ id, page }) => id !== settled && page === location.pathname.replace(/edit\/$/, "");

function noteOf(name) {
  const known = document.querySelector(`[data-note="${name}"]`);
  if (known) return known;
  const note = document.getElementById(name).content.firstElementChild.cloneNode(true);
  note.dataset.note = name;
  const first = document.querySelector("[data-note=kept-note]");
  if (first) first.after(note);
  else document.getElementById("main").prepend(note);
  return note;
}

function showKept({ isOnline }) {
  const time = noteOf("kept-note").querySelector("time");
  time.dateTime = kept;
  time.textContent = new Date(kept).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  for (const part of document.querySelectorAll("[data-while]")) part.hidden = (part.dataset.while === "back") !== isOnline;
}

function line({ what, changes }) {
  const item = document.createElement("li");
  const values = changes.map(({ label, to }) => `${label}: ${to || "—"}`).join("; ");
  item.textContent = values ? `${what} (${values})` : what;
  return item;
}

function showWaiting({ entries }) {
  const here = entries.filter(isHere);
  if (!here.length) return document.querySelector("[data-note=waiting-note]")?.remove();
  return noteOf("waiting-note").querySelector("ul").replaceChildren(...here.map(line));
}

const isTyped = (field) => field.value !== field.defaultValue && field.type !== "hidden" && field.type !== "radio";

/** Show the page as it is now that the network is back, once, unless somebody is at work on this one. */
function renew({ isOnline, isSending }) {
  const fields = [...document.querySelectorAll("#main :is(input, textarea)")];
  const isBusy = document.activeElement.matches("input, textarea, select") || document.querySelector("dialog[open]");
  if (!isOnline || isSending || isBusy || fields.some(isTyped) || sessionStorage.getItem(location.href) === kept) return;
  sessionStorage.setItem(location.href, kept);
  location.reload();
}

/** Disable what would only fail; the server's page has it all again. */
function disable() {
  for (const form of document.querySelectorAll("form[method=post]:not([data-offline], [data-sign-out])")) {
    for (const control of form.querySelectorAll("button")) {
      Object.assign(control, { disabled: true, title: "This needs the network" });
    }
  }
}

if (document.getElementById("kept-note") && !document.querySelector("[data-offline-page]")) {
  document.addEventListener("offline:state", ({ detail }) => {
    if (kept) showKept(detail);
    showWaiting(detail);
    if (kept) renew(detail);
  });
}
if (kept) disable();
