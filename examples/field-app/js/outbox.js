// What was done here and is not on the server yet. It survives a reload and belongs to one person.

import { announce, Parse } from "./parse.js";

const PREFIX = "outbox:";
const key = () => PREFIX + Parse.User.current()?.id;

/** Return the entries, oldest first; `state` is waiting, conflict or refused, `tried` that an answer may be lost. */
export const entries = () => JSON.parse(localStorage.getItem(key()) ?? "[]");

export const isWaiting = (entry) => entry.state === "waiting";

function write(all) {
  localStorage.setItem(key(), JSON.stringify(all));
  announce();
}

function add(entry) {
  const id = crypto.randomUUID();
  write([...entries(), { id, request: id, state: "waiting", tried: false, ...entry }]);
}

export function change(id, values) {
  write(entries().map((entry) => (entry.id === id ? { ...entry, ...values } : entry)));
}

export const remove = (id) => write(entries().filter((entry) => entry.id !== id));

export const clear = () => localStorage.removeItem(key());

/** Send it again, as another request: the server has refused the first one, or answered it. */
export const retry = (id, values = {}) =>
  change(id, { state: "waiting", tried: false, request: crypto.randomUUID(), ...values });

/** Return the stage in which a deal is shown: where the person has put it, whatever the server knows. */
export function stageOf(deal) {
  const moves = entries().filter((entry) => isWaiting(entry) && entry.deal === deal.id);
  return moves.at(-1)?.stage ?? deal.get("stage");
}

/** Queue the move of a deal. Of several that were never sent only the last counts. */
export function move(deal, stage) {
  const isOld = (entry) => entry.deal === deal.id && (entry.state !== "waiting" || !entry.tried);
  const was = entries().find(isOld);
  const from = was ? (was.theirs ?? was.was) : stageOf(deal);
  write(entries().filter((entry) => !isOld(entry)));
  if (stage !== from) add({ type: "move", deal: deal.id, what: deal.get("title"), was: from, stage });
}

/** Queue a call that was made just now. `at` is to the millisecond, so a person's call can be found by it. */
export function call(about, subject, description) {
  const relatedTo = { className: about.className, id: about.id };
  add({ type: "call", what: subject, subject, description, relatedTo, at: Date.now() });
}

window.addEventListener("storage", announce); // another tab has written
