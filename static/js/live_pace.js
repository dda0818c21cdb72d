// When a page follows what others change ("live:due"): soon, but one "live:follow" at a time, less often while one change follows
// the other, and not while somebody works there ("live:busy"). "live:again" and "board:reload" mean all of it. A module that
// knows the page fills in what is new ("live:take"); one takes the work on (preventDefault) and ends it with "live:followed".

const SOON_MS = 150;
const MOST_MS = 1000;
const MOST = 200; // records that one request asks for
const ask = (what, detail) => document.dispatchEvent(new CustomEvent(`live:${what}`, { detail, cancelable: true }));
let isAll = false;
let isUnderway = false;
let pause = SOON_MS;
let endedAt = 0;
let timer;

function follow() {
  timer = undefined;
  if (isUnderway) return;
  if (!ask("busy")) {
    schedule(SOON_MS);
    return;
  }
  const [news, pks] = [new Map(), new Set()];
  ask("take", { news, pks });
  if (!isAll && !news.size) return;
  const detail = { news, pks: [...pks], isWhole: isAll || pks.size > MOST };
  isAll = false;
  isUnderway = !ask("follow", detail);
}

function schedule(ms) {
  if (Date.now() - endedAt > 2 * pause) pause = SOON_MS;
  timer ??= setTimeout(follow, ms ?? pause);
}

document.addEventListener("live:due", () => schedule());
for (const event of ["live:again", "board:reload"]) document.addEventListener(event, () => ((isAll = true), schedule(0)));
document.addEventListener("live:followed", ({ detail: { isDone, isWhole, took } }) => {
  isUnderway = false;
  endedAt = Date.now();
  pause = Math.max(2 * took, Math.min(MOST_MS, 2 * pause));
  isAll ||= isWhole && !isDone;
  schedule(); // there may be more by now
});
