// The state at the top of each page: saved, sending, offline, how much waits, what needs somebody. It says so aloud.

const link = document.querySelector("[data-sync]");
const says = document.querySelector("[data-sync-says]");
const many = (count, one, more) => (count === 1 ? `1 ${one}` : `${count} ${more}`);
let before;

/** Return the state and its words. */
function read({ person, isOnline, isSending, entries, elsewhere }) {
  const waiting = entries.filter(({ state }) => state === "waiting").length;
  const needed = entries.length - waiting;
  const changes = many(waiting, "change", "changes");
  if (!person && elsewhere) return ["needed", "Sign in to send what waits", elsewhere];
  if (!isOnline) return ["offline", waiting ? `Offline, ${changes} waiting` : "Offline", waiting];
  if (isSending) return ["sending", "Sending…", waiting];
  if (needed) return ["needed", many(needed, "change needs you", "changes need you"), needed];
  return waiting ? ["waiting", `${changes} waiting`, waiting] : ["saved", "All saved", 0];
}

function show({ detail }) {
  const [state, words, count] = read(detail);
  link.hidden = false;
  link.dataset.sync = state;
  link.querySelector("[data-sync-words]").textContent = words;
  link.querySelector("[data-sync-count]").textContent = count || "";
  link.title = words;
  // Nobody has to hear that all is well, unless it was not.
  const isNews = before === undefined ? state !== "saved" && state !== "sending" : before !== words;
  if (isNews && state !== "sending") says.textContent = words;
  before = words;
}

/** On the sign-in page: say that something waits, not whose it is. */
function remind({ detail: { person, elsewhere } }) {
  const note = document.querySelector("[data-waits]");
  if (!note) return;
  note.hidden = Boolean(person) || !elsewhere;
  note.querySelector("strong").textContent = many(elsewhere, "change waits", "changes wait");
}

document.addEventListener("offline:state", remind);
if (link) document.addEventListener("offline:state", show);
