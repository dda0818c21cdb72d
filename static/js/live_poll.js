// Without a socket the page looks again by itself ("live:again"): every 30 s while it is visible, more seldom while that fails
// ("live:failed", until "live:done").

const OFTEN_MS = 30_000;
const SELDOM_MS = 300_000;
let timer;
let failures = 0;

function look() {
  if (!document.hidden) document.dispatchEvent(new CustomEvent("live:again"));
  arm();
}

function arm() {
  clearTimeout(timer);
  timer = setTimeout(look, Math.min(SELDOM_MS, OFTEN_MS * 2 ** failures));
}

document.addEventListener("live:state", ({ detail }) => {
  if (detail === "off") {
    timer ?? arm();
    return;
  }
  clearTimeout(timer);
  timer = undefined;
});
document.addEventListener("live:failed", () => (failures = Math.min(failures + 1, 8)));
document.addEventListener("live:done", () => (failures = 0));
