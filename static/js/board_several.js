// "board:several": what is done with all ticked cards in one step. detail {url, values, isAsking}: a form first, or at once.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));
const moved = (values) => values.getAll("deal").map((deal) => document.getElementById(deal.split(".")[0])).filter(Boolean);

function busy(cards, isBusy) {
  for (const card of cards) {
    if (isBusy) card.setAttribute("aria-busy", "true");
    else card.removeAttribute("aria-busy");
  }
}

function send(url, values) {
  const cards = moved(values);
  busy(cards, true);
  tell("hold");
  const answered = ({ status, text }) => {
    busy(cards, false);
    if (status === 200) tell("cleared");
    else if (status === 422 && text.includes('id="move-form"')) tell("ask", { text });
    else if (status !== 409 && status !== 422) {
      const why = status ? "The server failed: nothing was moved." : "No connection: nothing was moved.";
      tell("toast", { text: why, again: () => send(url, values) });
    }
    tell("release");
  };
  tell("send", { url, values, answered });
}

document.addEventListener("board:several", ({ detail: { url, values, isAsking } }) => {
  if (isAsking) {
    values.delete("csrfmiddlewaretoken");
    return tell("ask", { url: `${url}?${new URLSearchParams(values)}` });
  }
  values.set("board", document.querySelector("[data-board]").dataset.query);
  return send(url, values);
});
