// Keeps a socket to the address in <body data-live> while the page is looked at ("live:wake" until "live:sleep"). The address
// has the snapshot that the page was made of: what was committed since then comes first. Says "live:changes" (detail: what
// changed), "live:again" (something may have been missed: refresh what you show) and "live:state" (detail: "on", "off", or
// "asleep" while nobody looks).

const SILENT_MS = 60_000; // the server says something every 25 s
const [FIRST_MS, LAST_MS] = [500, 30_000];
const SIGNED_OUT = 4401;
const LEAVING_MS = 5000; // a page that is on its way elsewhere is not called back
const path = document.body?.dataset.live;
const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`live:${what}`, { detail }));
let socket;
let silence;
let retry;
let heardAt = 0;
let tries = 0;
let isLeaving = false;
let isBehind = "kept" in document.documentElement.dataset; // a page that the device has kept is old

function listen() {
  heardAt = Date.now();
  clearTimeout(silence);
  silence = setTimeout(lost, SILENT_MS);
}

/** Let go of the socket without waiting for its end, which a dead network never brings. */
function drop() {
  clearTimeout(silence);
  clearTimeout(retry);
  isBehind = true;
  const old = socket;
  socket = undefined;
  if (!old) return;
  old.onmessage = old.onclose = null;
  if (old.readyState === WebSocket.CONNECTING) old.onopen = () => old.close(); // closed sooner, the browser reports an error
  else old.close();
}

function lost({ code } = {}) {
  drop();
  const isUnsaved = () => !document.dispatchEvent(new CustomEvent("unsaved", { cancelable: true }));
  if (code === SIGNED_OUT && !isUnsaved()) setTimeout(() => location.reload(), isLeaving ? LEAVING_MS : 0); // and sign in
  tell("state", "off");
  retry = setTimeout(connect, Math.min(LAST_MS, FIRST_MS * 2 ** tries) * (0.5 + Math.random()));
  tries = Math.min(tries + 1, 10);
}

function hear({ data }) {
  listen();
  const { op, changes } = JSON.parse(data);
  if (op === "changes") tell("changes", changes);
  if (op === "again") tell("again"); // too many to name
  if (op !== "hello") return;
  tries = 0;
  tell("state", "on");
  if (isBehind) tell("again");
  isBehind = false;
}

function connect() {
  clearTimeout(retry);
  if (socket) drop();
  try {
    socket = new WebSocket(new URL(isBehind ? path.replace(/\?.*/, "") : path, location.href.replace(/^http/, "ws")));
  } catch {
    return lost(); // forbidden to pages here
  }
  listen();
  return Object.assign(socket, { onmessage: hear, onclose: lost });
}

if (path) {
  document.addEventListener("live:wake", () => (!socket || Date.now() - heardAt > SILENT_MS) && connect());
  document.addEventListener("live:sleep", () => (drop(), tell("state", "asleep")));
  addEventListener("offline", lost);
  addEventListener("beforeunload", () => (isLeaving = true));
  addEventListener("pageshow", () => (isLeaving = false));
  isBehind ||= document.hidden;
  if (!document.hidden) connect();
}
