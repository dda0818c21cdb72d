// "board:put": a card was put somewhere. detail {card, stage, home: {list, next}}: it stands in its new place already, or,
// moved by a menu or a zone, still at home. The server decides; whatever it answers but yes puts the card back.

const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`board:${what}`, { detail }));
const column = (stage) => document.getElementById(`column-${stage}`);
const nameOf = (card) => card.querySelector(".row-link").textContent.trim();
const address = (card) => `${card.querySelector(".row-link").getAttribute("href")}move/`;
const placeOf = (card) => ({ list: card.parentElement, next: card.nextElementSibling });

function place(card, { list, next }) {
  if (!card.isConnected || !list.isConnected) return; // what the server sent meanwhile is newer
  list.insertBefore(card, next?.parentElement === list ? next : list.querySelector("[data-more]"));
}

function neighbour(card, side) {
  let other = card[side];
  while (other && !other.matches("[data-card]")) other = other[side];
  return other?.id ?? "";
}

function values(card, stage) {
  const board = document.querySelector("[data-board]");
  const isPlaced = card.parentElement.dataset.cards === stage && board.dataset.sort === "position";
  const [above, below] = ["previousElementSibling", "nextElementSibling"].map((side) => isPlaced ? neighbour(card, side) : "");
  return { stage, above, below, version: card.dataset.version, board: board.dataset.query };
}

const WHY = {
  0: (name) => `No connection: “${name}” was not moved.`,
  403: (name) => `You may not move “${name}”.`,
  404: (name) => `“${name}” is no longer there.`,
};
const ELSE = (name) => `The server failed: “${name}” was not moved.`;

function refused(card, stage, { status, text }, again) {
  if (status === 409) return; // it has its own message
  if (status === 422 && text.includes('id="move-form"')) {
    tell("ask", { text, card });
  } else if (status !== 422) {
    const isPassing = status === 0 || status >= 500;
    tell("toast", { text: (WHY[status] ?? ELSE)(nameOf(card)), again: isPassing && card.isConnected ? again : undefined });
    if (status === 404) tell("reload");
  }
}

function send(card, stage, home) {
  const there = placeOf(card);
  const hadFocus = card.contains(document.activeElement);
  card.setAttribute("aria-busy", "true");
  tell("hold");
  const answered = (answer) => {
    card.removeAttribute("aria-busy");
    if (answer.status !== 200) {
      place(card, home);
      refused(card, stage, answer, () => (place(card, there), send(card, stage, home)));
    }
    if (hadFocus && [document.body, null].includes(document.activeElement)) tell("focus", { pk: card.id });
    tell("release");
  };
  tell("send", { url: address(card), values: values(card, stage), answered });
}

document.addEventListener("board:put", ({ detail: { card, stage, home = placeOf(card) } }) => {
  if (card.hasAttribute("aria-busy")) return;
  const isEnd = ["won", "lost"].includes(column(stage)?.dataset.kind);
  if (!isEnd) return send(card, stage, home);
  place(card, home);
  if (card.dataset.stage !== stage) {
    const asked = new URLSearchParams({ stage, version: card.dataset.version });
    tell("ask", { url: `${address(card)}?${asked}`, card });
  }
});
