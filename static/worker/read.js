// Answers pages: from the network, and where that fails from what is kept.
"use strict";

const READ_MS = 6_000; // for a page that is kept: then what is kept is shown
const AWAY_MS = 1_500; // the same while the server was away a moment ago
const AWAY = [502, 503, 504];
let isOnline = navigator.onLine;

const soon = (promise, ms) =>
  Promise.race([promise, new Promise((_resolve, reject) => setTimeout(() => reject(new Error("too slow")), ms))]);

function reached(yes) {
  const changed = isOnline !== yes;
  isOnline = yes;
  if (changed) tell();
}

async function read(event) {
  const mine = era;
  const url = new URL(event.request.url);
  const page = await keptPage(url);
  const asked = ask(event);
  let answer;
  try {
    answer = await (page ? soon(asked, isOnline ? READ_MS : AWAY_MS) : asked);
  } catch {
    reached(false);
    return keptAnswer(url);
  }
  const isAway = page && AWAY.includes(answer.status);
  reached(!isAway);
  if (isAway) return page;
  const isNew = await noted(answer);
  event.waitUntil(look(url, answer.clone(), mine, isNew));
  return answer;
}

const ask = async (event) => (await event.preloadResponse) ?? fetch(event.request);

/** Take note of whose a page is, if it says so. */
async function noted(answer) {
  const device = deviceOf(answer);
  return device.version !== "" && note(device);
}

/** Keep what was shown, or forget what may not be seen any more. */
async function look(url, answer, mine, isNew) {
  const { person } = deviceOf(answer);
  if (person && isToKeep(url, answer)) await keep(url, answer, mine);
  else if ([403, 404, 410].includes(answer.status)) await forget(url);
  if (isNew) await settleIn();
  else await trim();
}

/** Somebody has just signed in: what is pinned and the page of what is kept come along; what waits is sent. */
async function settleIn() {
  await fetchToKeep(new URL(CRM.page, location));
  await refreshPinned();
  await replay();
}
