// Puts the parts together: what is kept is shown first, then the server is asked.

import "./call.js";
import { render as renderContacts } from "./contacts.js";
import { lists } from "./lists.js";
import { render as renderPipeline } from "./pipeline.js";
import * as session from "./session.js";
import { start as startSync } from "./sync.js";
import { render as renderWaiting } from "./waiting.js";

function render() {
  if (!session.isKnown()) return;
  renderPipeline();
  renderContacts();
  renderWaiting();
}

let isPlanned = false;
document.addEventListener("app:changed", () => {
  if (isPlanned) return;
  isPlanned = true;
  queueMicrotask(() => {
    isPlanned = false;
    render();
  });
});

async function start() {
  await Promise.all(lists.map((list) => list.load()));
  render();
  startSync();
}

session.bind(start);
session.show();
if (session.isKnown()) start();

navigator.serviceWorker?.register("sw.js"); // none without https, but for localhost
