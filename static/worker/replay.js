// Sends what waits, in order, each once: one worker at a time, as the person whose it is.
"use strict";

const LOCK = "crm-queue";
const OUTCOMES = { 409: "conflict", 422: "invalid" };
const LATER = [408, 412, 429];
const AS_HTMX = { "HX-Request": "true" }; // so that a redirect says where to
const QUIETLY = { ...AS_HTMX, "CRM-Keep": "1" }; // leaves messages to be shown
const landed = new Map(); // where a change that was sent led to, by the number of its entry
let isSending = false;
let isSignedOut = false;

/** Post an entry; the server refuses it (412) if somebody else is signed in by now. */
function posted(url, { fields, person }, { token }, more = {}) {
  const headers = { "X-CSRFToken": token, ...(person && { "CRM-Person": person }), ...more };
  return fetch(url, { method: "POST", body: new URLSearchParams(fields), headers, redirect: "manual" });
}

/** Return where a form led to that was taken; nothing if it was not. */
function placeOf(answer) {
  const place = answer.headers.get("HX-Location");
  return place ? JSON.parse(place).path : undefined;
}

async function replay() {
  const changed = await navigator.locks.request(LOCK, sendAll);
  for (const path of changed) await fetchQuietly(path);
}

/** Send what waits; return the pages that are other ones now. */
async function sendAll() {
  const changed = new Set();
  isSending = (await all("queue")).some(({ state }) => state === "waiting");
  await tell();
  if (!isSending && isOnline) return changed; // else this finds out how things stand
  try {
    const now = await session();
    isSignedOut = !now.person;
    if (await note(now)) changed.add(CRM.page);
    const tried = new Set();
    const next = async () =>
      (await all("queue")).find(
        ({ id, person, state }) => state === "waiting" && person === now.person && !tried.has(id),
      );
    for (let entry = await next(); entry; entry = await next()) {
      tried.add(entry.id);
      const places = await resend(entry, now);
      if (!places) break;
      for (const place of places) changed.add(place);
    }
    isOnline = true;
  } catch {
    isOnline = false;
  }
  isSending = false;
  await tell();
  return changed;
}

/** Send an entry again; return the pages that it changes, or nothing if the rest has to wait as well. */
async function resend(entry, now) {
  const answer = await soon(posted(entry.url, entry, now, QUIETLY), SEND_MS);
  const place = placeOf(answer);
  if (place) {
    landed.set(entry.id, place);
    await settle(entry, null);
    await tell();
    return [place, entry.page];
  }
  if (answer.status === 204 || answer.status >= 500 || LATER.includes(answer.status)) return undefined;
  await settle(entry, { state: OUTCOMES[answer.status] ?? "refused", status: answer.status });
  await tell();
  return [];
}
