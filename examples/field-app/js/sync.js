// Keeps the device and the server at one: now, when the network comes back, and every few seconds while something waits.

import { lists } from "./lists.js";
import { entries, isWaiting } from "./outbox.js";
import { announce, inTime, isAway, isSignedOut, Parse } from "./parse.js";
import { sendAll } from "./send.js";

const EVERY_MS = 3_000;

/** What is known of the connection; `isLive` says that changes of others come by themselves. */
export const connection = { isAway: !navigator.onLine, isLive: false };
let running = Promise.resolve();
let pending = 0;

async function synced(isFull) {
  if (!Parse.User.current()) return;
  try {
    await inTime(Parse.CoreManager.getRESTController().request("GET", "health"));
    await sendAll();
    if (isFull || connection.isAway) await Promise.all(lists.map((list) => list.fetch()));
    connection.isAway = false;
  } catch (error) {
    if (!Parse.User.current()) return; // logged out meanwhile: the page is on its way
    if (isSignedOut(error)) document.dispatchEvent(new Event("app:signed-out"));
    else if (isAway(error)) connection.isAway = true;
    else console.error(error); // nothing that trying again would mend
  }
  announce();
}

/** Send what waits, and fetch the lists if `isFull` or after an absence; one after the other. */
export function sync({ isFull = false } = {}) {
  pending += 1;
  running = running.then(() => synced(isFull)).finally(() => {
    pending -= 1;
  });
  return running;
}

const isDue = () => !pending && (connection.isAway || entries().some(isWaiting));

/** Begin: from here on everything happens by itself. */
export function start() {
  setInterval(() => isDue() && sync(), EVERY_MS);
  window.addEventListener("online", () => sync({ isFull: true }));
  window.addEventListener("offline", () => {
    connection.isAway = true;
    announce();
  });
  Parse.LiveQuery.on("open", () => {
    connection.isLive = true;
    sync({ isFull: true }); // what was missed
  });
  Parse.LiveQuery.on("close", () => {
    connection.isLive = false;
    sync(); // is it the socket only, or the network?
  });
  for (const list of lists) list.follow().catch(() => null); // the socket is tried again by the SDK
  return sync({ isFull: true });
}
