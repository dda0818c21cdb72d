// The session by which this page asks the API: begun at the first request, ended with the page or by its button. Its token is in
// this module's memory and nowhere else. "playground:token" (detail {answered}) answers {keys, token} or {problem};
// "playground:forget" says that the API no longer takes it.

const EARLY_MS = 10_000;
const place = document.querySelector("[data-playground]");
const keys = { "X-Parse-Application-Id": place.dataset.applicationId, "X-Parse-JavaScript-Key": place.dataset.javascriptKey };
let session;
let beginning;

const isUsable = () => session && Date.now() < Date.parse(session.expiresAt) - EARLY_MS;

function show() {
  const until = session && new Date(session.expiresAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const text = session ? `Your session for trying ends at ${until}, or with this page.` : "The first request begins a session.";
  document.querySelector("[data-session-state]").textContent = text;
  document.querySelector("[data-session-end]").hidden = !session;
}

function forget() {
  session = undefined;
  show();
  document.dispatchEvent(new CustomEvent("playground:ended"));
}

function end() {
  if (!session) return;
  const headers = { ...keys, "X-Parse-Session-Token": session.token };
  fetch(`${place.dataset.parse}/logout`, { method: "POST", keepalive: true, credentials: "omit", headers }).catch(() => {});
  forget();
}

const asked = (detail) =>
  new Promise((answered) => document.dispatchEvent(new CustomEvent("request", { detail: { ...detail, answered } })));

async function begin() {
  const answer = await asked({ url: place.dataset.begin, values: {} });
  beginning = undefined;
  if (answer.elsewhere || answer.status === 403) return { problem: "You have signed out. Load this page again to sign in." };
  if (answer.status !== 200) return { problem: answer.status ? "No session could be made." : "The server was not reached." };
  session = JSON.parse(answer.text);
  show();
  return { keys, token: session.token };
}

async function token() {
  if (isUsable()) return { keys, token: session.token };
  beginning ??= begin();
  return beginning;
}

document.addEventListener("playground:token", async ({ detail }) => detail.answered(await token()));
document.addEventListener("playground:forget", forget);
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-session-end]")) return;
  end();
  document.querySelector("[data-session-state]").focus();
});
addEventListener("pagehide", end);
