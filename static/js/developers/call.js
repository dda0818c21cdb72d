// "playground:call": asks the API as this page's session. detail {url, method, body, answered}; then `answered` gets {problem} or
// {status, reason, ms, size, headers, text}. No cookie goes along: none means anything there.

const BAD_SESSION = 209;
const SHOWN = /^(content-type|location|retry-after|allow|x-parse-.*)$/;

const token = () =>
  new Promise((answered) => document.dispatchEvent(new CustomEvent("playground:token", { detail: { answered } })));

function isRefused(status, text) {
  try {
    return status >= 400 && JSON.parse(text).code === BAD_SESSION;
  } catch {
    return false;
  }
}

async function call({ url, method, body }) {
  const known = await token();
  if (known.problem) return known;
  const headers = { ...known.keys, "X-Parse-Session-Token": known.token, ...(body && { "Content-Type": "application/json" }) };
  const begun = performance.now();
  try {
    const answer = await fetch(url, { method, body, headers, credentials: "omit", cache: "no-store" });
    const text = await answer.text();
    if (isRefused(answer.status, text)) document.dispatchEvent(new CustomEvent("playground:forget"));
    return {
      status: answer.status,
      reason: answer.statusText,
      ms: Math.round(performance.now() - begun),
      size: new Blob([text]).size,
      headers: [...answer.headers].filter(([name]) => SHOWN.test(name)),
      text,
    };
  } catch {
    return { problem: "No answer came: the network or the server is away. Nothing is known of what became of the request." };
  }
}

document.addEventListener("playground:call", async ({ detail }) => detail.answered(await call(detail)));
