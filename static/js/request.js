// "request": asks the server as htmx does. detail {url, method, values, target, answered}; then `answered({status, text})` is
// called, with status 0 when no answer came, and with `elsewhere` where the answer leads away.

const WAIT_MS = 10000;

const headers = (target) => ({
  ...JSON.parse(document.body.getAttribute("hx-headers")),
  "HX-Request": "true",
  "HX-Current-URL": location.href,
  ...(target && { "HX-Target": target }),
});

async function ask({ url, method = "POST", values, target }) {
  const body = method === "POST" ? new URLSearchParams(values) : undefined;
  const options = { method, body, headers: headers(target), signal: AbortSignal.timeout(WAIT_MS) };
  try {
    const answer = await fetch(url, options);
    const path = answer.headers.get("HX-Location");
    const elsewhere = answer.headers.get("HX-Redirect") ?? (path && JSON.parse(path).path);
    return { status: answer.status, text: await answer.text(), elsewhere };
  } catch {
    return { status: 0, text: "" };
  }
}

document.addEventListener("request", async ({ detail }) => detail.answered(await ask(detail)));
