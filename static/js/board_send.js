// "board:send": one request of the board. detail {url, method, values, target, answered}.
// An answer of 200, 409 or 422 that is no form is made of fragments, which htmx swaps out of band; then
// `answered({status, text})` is called, with status 0 when no answer came.

const WAIT_MS = 10000;
const SWAPPED = [200, 409, 422];

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

/** Return the fragments that have a place on this page: of a card that is not loaded there is nothing to replace. */
function placeable(text) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  const known = (selector) => document.querySelector(selector) ?? holder.content.querySelector(`li${selector}`);
  for (const part of holder.content.querySelectorAll("[hx-swap-oob]")) {
    const [how, where] = part.getAttribute("hx-swap-oob").split(/:(.*)/s);
    const place = where ?? `[id="${CSS.escape(part.id)}"]`;
    if (!(where ? known(place) : document.getElementById(part.id))) part.remove();
    else if (how === "delete") part.replaceChildren();
  }
  return holder.innerHTML;
}

const hasForm = ({ text }) => text.includes('id="move-form"');

document.addEventListener("board:send", async ({ detail }) => {
  const answer = await ask(detail);
  if (answer.elsewhere) return location.assign(answer.elsewhere);
  if (SWAPPED.includes(answer.status) && !hasForm(answer)) htmx.swap(document.body, placeable(answer.text), { swapStyle: "none" });
  return detail.answered(answer);
});
