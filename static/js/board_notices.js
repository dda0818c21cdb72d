// Which deals others changed ("live:changes"): collected until "live:take" asks for them. Notices of what the board shows
// already are echoes of its own moves.

const LATE_MS = 2000; // so long after an answer, a notice may come of what that knew already
const OLD_MS = 60_000; // nothing that comes now was read before
const board = () => document.querySelector("[data-board]");
const cardOf = (pk) => document.getElementById(pk);
const moment = (version) => Date.parse(version ?? "") || 0;
const wanted = new Map(); // objectId of a deal: {at, notices}
const drawn = new Map(); // objectId of a deal: when its card was drawn
const folded = new Map(); // objectId of a deal in a folded column: its version
const latest = new Map(); // objectId of a deal: {at, notice}
const asked = new WeakMap(); // a request of htmx: when it was sent

/** Name the deals of the board that a notice may be about. */
function dealsOf({ class: name, id, about }) {
  if (name === "Deal") return [id];
  if (name === "Company") return [...document.querySelectorAll(`[data-card][data-company="${CSS.escape(id)}"]`)].map((card) => card.id);
  const deals = (about ?? []).filter((one) => one.startsWith("Deal:")).map((one) => one.slice(5));
  return board().dataset.query ? deals : deals.filter(cardOf);
}

const isOver = ({ what }) => what === "delete" || what === "gone";

function isEcho(pk, notice) {
  if (notice.class !== "Deal" || isOver(notice)) return false;
  return moment(cardOf(pk)?.dataset.version ?? folded.get(pk)) >= moment(notice.version);
}

function note(pk, notice) {
  if (notice.class === "Deal" && isOver(notice)) folded.delete(pk);
  const { at = Date.now(), notices = [] } = wanted.get(pk) ?? {};
  wanted.set(pk, { at, notices: [...notices, notice] });
}

const tell = () => wanted.size && document.dispatchEvent(new CustomEvent("live:due"));

document.addEventListener("live:changes", ({ detail }) => {
  for (const notice of board() ? detail : []) {
    if (notice.class === "Deal") latest.set(notice.id, { at: Date.now(), notice });
    for (const pk of dealsOf(notice)) note(pk, notice);
  }
  tell();
});

/** Hand out `news`, the last notice of each deal, and all to ask for: cards drawn just before may stand beside what moved. */
document.addEventListener("live:take", ({ detail: { news, pks } }) => {
  let since = Infinity;
  for (const [pk, { at, notices }] of wanted) {
    const fresh = notices.filter((notice) => !isEcho(pk, notice));
    if (!fresh.length) continue;
    news.set(pk, fresh.findLast((notice) => notice.class === "Deal") ?? fresh.at(-1));
    pks.add(pk);
    since = Math.min(since, at - LATE_MS);
  }
  for (const [pk, at] of drawn) if (at > since) pks.add(pk);
  wanted.clear();
  for (const [pk, { at }] of latest) if (at < Date.now() - OLD_MS) latest.delete(pk);
  for (const [pk, at] of drawn) if (at < Date.now() - OLD_MS) drawn.delete(pk);
});
document.addEventListener("live:followed", ({ detail: { isDone, news } }) => {
  if (!isDone) for (const [pk, notice] of news) note(pk, notice);
});

const know = (pk, version) => (drawn.set(pk, Date.now()), version ? folded.set(pk, version) : folded.delete(pk));
document.addEventListener("htmx:load", ({ target }) => target.matches?.("[data-card]") && know(target.id));
document.addEventListener("board:told", ({ detail: { pk, version } }) => know(pk, version));

// Another filter or more of a column may have been read before what was told meanwhile.
document.addEventListener("htmx:beforeRequest", ({ detail }) => asked.set(detail.xhr, Date.now()));
document.addEventListener("htmx:afterSettle", ({ detail: { xhr } }) => {
  const since = asked.get(xhr) ?? Infinity;
  for (const [pk, { at, notice }] of latest) if (at >= since) note(pk, notice);
  asked.delete(xhr);
  tell();
});
