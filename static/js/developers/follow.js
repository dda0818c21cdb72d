// Follows a query over LiveQuery as this page's session: "follow:begin" (detail: the query) until "follow:end". Tells
// "follow:state" (detail {state: "on" | "off" | "again", problem}) and "follow:event" (detail {op, object, original}).

const FIRST_MS = 1000;
const LAST_MS = 30_000;
const BAD_SESSION = 209;
const EVENTS = ["create", "enter", "update", "leave", "delete"];
const place = document.querySelector("[data-playground]");
const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`follow:${what}`, { detail }));
let wanted;
let socket;
let tries = 0;
let retry;

const say = (message) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));

const token = () =>
  new Promise((answered) => document.dispatchEvent(new CustomEvent("playground:token", { detail: { answered } })));

function stop(problem) {
  say({ op: "unsubscribe", requestId: 1 });
  wanted = undefined;
  clearTimeout(retry);
  if (socket) socket.onclose = null;
  socket?.close();
  socket = undefined;
  tell("state", { state: "off", problem });
}

function hear({ data }) {
  const { op, error, code, reconnect, object, original } = JSON.parse(data);
  if (op === "connected") say({ op: "subscribe", requestId: 1, query: wanted });
  if (op === "subscribed") tries = 0;
  if (op === "subscribed") tell("state", { state: "on" });
  if (EVENTS.includes(op)) tell("event", { op, object, original });
  if (op !== "error") return;
  if (code === BAD_SESSION) document.dispatchEvent(new CustomEvent("playground:forget"));
  else if (reconnect) socket.close();
  else stop(`${error} (${code})`);
}

function lost() {
  socket = undefined;
  if (!wanted) return;
  tell("state", { state: "again" });
  retry = setTimeout(connect, Math.min(LAST_MS, FIRST_MS * 2 ** tries));
  tries += 1;
}

async function connect() {
  const known = await token();
  if (!wanted) return;
  if (known.problem) return stop(known.problem);
  socket = new WebSocket(new URL(place.dataset.parse, location.href.replace(/^http/, "ws")));
  const { applicationId, javascriptKey } = place.dataset;
  socket.onopen = () => say({ op: "connect", applicationId, javascriptKey, sessionToken: known.token });
  Object.assign(socket, { onmessage: hear, onclose: lost });
}

document.addEventListener("follow:begin", ({ detail }) => {
  if (wanted) stop();
  wanted = detail;
  tries = 0;
  tell("state", { state: "again" });
  connect();
});
addEventListener("offline", () => {
  if (!socket) return;
  socket.onclose = null;
  socket.close();
  lost();
});
document.addEventListener("follow:end", () => stop());
document.addEventListener("playground:ended", () => wanted && stop("The session has ended."));
