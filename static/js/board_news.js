// Says what others did to the board, and who: by a flash on each card, and in words ("live:flash", "live:say").

const MOST = 3; // said one by one
const FLASHED = 20;
const tell = (what, detail) => document.dispatchEvent(new CustomEvent(`live:${what}`, { detail }));
const nameOf = (card) => card.querySelector(".row-link").textContent.trim();
const labelOf = (key) => document.getElementById(`title-${key}`)?.textContent.trim() ?? "another column";
const who = ({ by, mine }) => (mine ? "You" : by || "Somebody");
let before = new Map();
let told = new Map();

function look(pk) {
  const card = document.getElementById(pk);
  if (!card?.matches("[data-card]")) return undefined;
  return { card, name: nameOf(card), stage: card.dataset.stage, text: card.querySelector(".deal-card-facts").textContent + nameOf(card), above: card.previousElementSibling?.id };
}

function words(pk, notice) {
  const [old, now, by] = [before.get(pk), look(pk), who(notice)];
  if (old && now) {
    if (old.stage !== now.stage) return `${by} moved ${now.name} to ${labelOf(now.stage)}`;
    if (old.text === now.text && old.above !== now.above) return `${by} moved ${now.name} within ${labelOf(now.stage)}`;
    return `${by} changed ${now.name}`;
  }
  if (now) return `${by} added ${now.name} to ${labelOf(now.stage)}`;
  if (!old) return "";
  if (notice.what === "delete") return `${by} deleted ${old.name}`;
  if (notice.what === "gone") return `${old.name} is no longer yours to see`;
  const stage = told.get(pk)?.stage;
  return stage && stage !== old.stage ? `${by} moved ${old.name} to ${labelOf(stage)}` : `${by} changed ${old.name}: this board shows it no more`;
}

function flash(pk, notice) {
  const card = document.getElementById(pk);
  const stage = told.get(pk)?.stage;
  const element = card ?? (before.has(pk) && stage && document.getElementById(`column-${stage}`));
  if (element) tell("flash", { element, by: who(notice) });
}

document.addEventListener("board:keep", ({ detail: { news } }) => {
  told = new Map();
  before = new Map([...news.keys()].map((pk) => [pk, look(pk)]).filter(([, card]) => card));
});
document.addEventListener("board:told", ({ detail }) => told.set(detail.pk, detail));

document.addEventListener("board:kept", ({ detail: { news } }) => {
  const said = [...news].map(([pk, notice]) => words(pk, notice)).filter(Boolean);
  const people = [...new Set([...news.values()].map(who))];
  if (said.length > MOST) tell("say", `${said.length} deals changed, by ${people.length > MOST ? `${people.length} people` : people.join(", ")}.`);
  else if (said.length) tell("say", `${said.join(". ")}.`);
  if (news.size <= FLASHED) for (const [pk, notice] of news) flash(pk, notice);
});
