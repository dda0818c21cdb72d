// Sends what waits, in order, each exactly once, however often it is tried.

import { deals, isOpen } from "./lists.js";
import { change, entries, isWaiting, remove } from "./outbox.js";
import { inTime, isAway, isSignedOut, Parse } from "./parse.js";

const pointer = ({ className, id }) => Parse.Object.extend(className).createWithoutData(id);

/** Save with the entry's own request id: within two minutes the server answers a repetition with 159. */
async function save(object, entry, values) {
  change(entry.id, { tried: true });
  Parse.CoreManager.set("REQUEST_HEADERS", { "X-Parse-Request-Id": entry.request });
  try {
    await inTime(object.save(values));
  } catch (error) {
    if (error.code !== Parse.Error.DUPLICATE_REQUEST) throw error;
  } finally {
    Parse.CoreManager.set("REQUEST_HEADERS", {});
  }
}

/** A call whose answer was lost is looked for before it is sent again, also after days. */
async function sendCall(entry) {
  const { subject, description } = entry;
  const values = { type: "call", subject, relatedTo: pointer(entry.relatedTo), completedAt: new Date(entry.at) };
  if (entry.tried) {
    const query = new Parse.Query("Activity").equalTo("createdBy", Parse.User.current());
    for (const [name, value] of Object.entries(values)) query.equalTo(name, value);
    if (await inTime(query.first())) return;
  }
  await save(new Parse.Object("Activity"), entry, description ? { ...values, description } : values);
}

/** A deal that somebody else has moved meanwhile is not moved over his head: the person is asked. */
async function sendMove(entry) {
  const deal = await inTime(new Parse.Query("Deal").include("company", "contact").get(entry.deal));
  const now = deal.get("stage") ?? null;
  if (now !== entry.stage && now !== entry.was) throw Object.assign(new Error("moved"), { theirs: now, code: -1 });
  if (now !== entry.stage) await save(deal, entry, { stage: entry.stage });
  if (isOpen(entry.stage)) deals.put(deal);
  else deals.take(deal.id);
}

async function sendOne(entry) {
  try {
    await (entry.type === "call" ? sendCall : sendMove)(entry);
    remove(entry.id);
  } catch (error) {
    if (isAway(error) || isSignedOut(error)) throw error; // it stays as it is, and all behind it
    if ("theirs" in error) change(entry.id, { state: "conflict", theirs: error.theirs });
    else change(entry.id, { state: "refused", why: error.message });
  }
}

/** Send everything that waits; of several tabs one does. */
export const sendAll = () =>
  navigator.locks.request("outbox", async () => {
    for (let next = entries().find(isWaiting); next; next = entries().find(isWaiting)) await sendOne(next);
  });
