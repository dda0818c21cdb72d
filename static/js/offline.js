// The worker that keeps the site on this device (static/worker/): started here, asked by "offline:ask" events with
// {op, ...}, heard as "offline:state" and "offline:kept". Without https, off localhost, there is none and nothing happens.

const CHECK_MS = 20_000;
const workers = navigator.serviceWorker;
const { worker, person = "" } = document.body.dataset;
let state;

const ask = (question) => workers.controller?.postMessage(question);
const say = (what, detail) => document.dispatchEvent(new CustomEvent(`offline:${what}`, { detail }));
const hello = () => ask({ op: "hello" });

/** Tell what the worker says, unless it is about somebody else than the one whose page this is. */
function hear({ data }) {
  if (person && data.person && data.person !== person) return;
  if (data.op === "state") state = data;
  say(data.op, data);
}

function check() {
  const isOpen = state && (!state.isOnline || state.entries.some((entry) => entry.state === "waiting"));
  if (isOpen && document.visibilityState === "visible") hello();
}

function start() {
  const isFirst = !workers.controller;
  workers.addEventListener("message", hear);
  workers.addEventListener("controllerchange", () => {
    if (isFirst) ask({ op: "keep", path: location.pathname + location.search }); // it came before the worker
    hello();
  });
  workers.startMessages();
  document.addEventListener("offline:ask", ({ detail }) => ask(detail));
  document.addEventListener("live:again", hello);
  document.addEventListener("visibilitychange", check);
  for (const what of ["online", "offline"]) window.addEventListener(what, () => ask({ op: what }));
  window.addEventListener("pageshow", (event) => event.persisted && hello());
  setInterval(check, CHECK_MS);
  if (worker) workers.register(worker).catch(() => {}); // the site works as well without
  hello();
}

if (workers) start();
