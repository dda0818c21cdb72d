// Whether somebody looks at the page: "live:wake" when he comes back to it, or the network does; "live:sleep" when it has been
// hidden for a minute, or is left.

const ASLEEP_MS = 60_000;
const tell = (what) => document.dispatchEvent(new CustomEvent(`live:${what}`));
let nap;

function look() {
  clearTimeout(nap);
  if (document.hidden) nap = setTimeout(tell, ASLEEP_MS, "sleep");
  else tell("wake");
}

document.addEventListener("visibilitychange", look);
addEventListener("online", look);
addEventListener("pagehide", () => tell("sleep")); // a page with a socket is not kept for "back"
addEventListener("pageshow", ({ persisted }) => persisted && look());
