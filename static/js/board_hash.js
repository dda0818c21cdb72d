// "#<deal id>": the board comes to that card, and loads what holds it first when it is not there.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));
const board = () => document.querySelector("[data-board]");
const wanted = () => (/^#[A-Za-z0-9]{10}$/.test(location.hash) ? location.hash.slice(1) : "");
const cardOf = (pk) => document.getElementById(pk)?.closest("[data-card]");

function focus(card) {
  tell("show", { key: card.parentElement.dataset.cards });
  tell("focus", { pk: card.id });
}

async function go() {
  const pk = wanted();
  if (!pk || !board()) return;
  if (!cardOf(pk)) {
    const query = new URLSearchParams(board().dataset.query);
    query.set("card", pk);
    await htmx.ajax("GET", `${board().dataset.url}?${query}`, { target: "#board", swap: "outerHTML" }).catch(() => {});
  }
  if (cardOf(pk)) focus(cardOf(pk));
  else tell("toast", { text: "That deal is not on this board: it is closed, filtered out, or not yours to see." });
}

addEventListener("hashchange", go);
if (document.readyState === "complete") go();
else addEventListener("load", go);
