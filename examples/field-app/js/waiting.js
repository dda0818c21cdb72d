// What is not on the server yet: in one line at the top, and as a list with what can be done about each.

import { draw, fill, say } from "./dom.js";
import { entries, isWaiting, remove, retry } from "./outbox.js";
import { labelOf } from "./pipeline.js";
import { connection, sync } from "./sync.js";

const section = document.querySelector("[data-outbox]");
const state = document.querySelector("[data-sync]");
const live = document.querySelector("[data-live]");

const STATES = {
  waiting: () => "Is sent when the network is back.",
  conflict: ({ theirs }) => `Somebody else has moved it to ${labelOf(theirs)} meanwhile.`,
  refused: ({ why }) => `The server refused it: ${why}`,
};
const whatOf = ({ type, what, stage }) => (type === "call" ? `Call: ${what}` : `${what} to ${labelOf(stage)}`);

function row(element, entry) {
  fill(element, { what: whatOf(entry), state: STATES[entry.state](entry) });
  const again = element.querySelector("[data-again]");
  again.hidden = isWaiting(entry);
  again.textContent = entry.state === "conflict" ? `Move to ${labelOf(entry.stage)}` : "Try again";
  const drop = element.querySelector("[data-drop]");
  drop.textContent = entry.state === "conflict" ? `Leave in ${labelOf(entry.theirs)}` : "Discard";
  drop.hidden = isWaiting(entry) && entry.tried; // it may have arrived: nobody can say that it was not done
}

function words(waiting, others) {
  const parts = connection.isAway ? ["Offline"] : [];
  if (waiting) parts.push(`${waiting} waiting`);
  if (others) parts.push(`${others} to decide`);
  return parts.join(", ") || "Saved";
}

/** Show the state of everything. */
export function render() {
  const all = entries();
  const waiting = all.filter(isWaiting).length;
  const text = words(waiting, all.length - waiting);
  if (state.textContent !== text) state.textContent = text; // or a screen reader says it again
  state.dataset.sync = connection.isAway ? "offline" : all.length ? "waiting" : "saved";
  live.textContent = connection.isLive ? "Live" : "Not live";
  live.dataset.live = connection.isLive ? "on" : "off";
  section.hidden = !all.length || (waiting === all.length && !connection.isAway); // what is on its way needs no list
  draw(section.querySelector("ul"), "entry", all, row);
}

section.addEventListener("click", ({ target }) => {
  const id = target.closest("li")?.dataset.key;
  const entry = entries().find((each) => each.id === id);
  if (!entry || !target.closest("button")) return;
  if (target.matches("[data-drop]")) {
    remove(id);
    say(`Discarded: ${whatOf(entry)}`);
  } else if (entry.state === "conflict") {
    retry(id, { was: entry.theirs });
  } else {
    retry(id);
  }
  document.querySelector("[data-app] h1").focus();
  sync();
});
