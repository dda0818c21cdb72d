// Tells every open page how things stand, and does what a page asks for.
"use strict";

async function standing() {
  const { person } = await whose();
  const queue = await all("queue");
  const entries = queue.filter((entry) => entry.person === person);
  const elsewhere = queue.length - entries.length; // whose they are is for nobody else to know
  return { op: "state", person, isOnline, isSending, entries, elsewhere, pins: await pins() };
}

async function tell(...to) {
  const state = await standing();
  const pages = to.length ? to : await self.clients.matchAll({ includeUncontrolled: true });
  for (const page of pages) page.postMessage(state);
}

async function fetchQuietly(path) {
  try {
    const url = new URL(path, location);
    if (url.origin === location.origin && kindOf(url)) await fetchToKeep(url);
  } catch {
    // it stays as it was kept
  }
}

async function sendLater() {
  await tell();
  await self.registration.sync?.register(LOCK).catch(() => {});
}

const deeds = {
  async hello(_detail, page) {
    await tell(page);
    await replay();
    if (isOnline) await refreshPinned().catch(() => {});
  },
  online: () => replay(),
  offline: () => reached(false),
  async kept(_detail, page) {
    page.postMessage({ op: "kept", ...(await whose()), pages: await keptList() });
  },
  keep: ({ path }) => fetchQuietly(path),
  async pin({ path, isPinned }) {
    const { person } = await whose();
    if (!person) return;
    if (isPinned) await put("pins", { person, path });
    else await remove("pins", [person, path]);
    await fetchQuietly(path);
    await tell();
  },
  async gone({ paths }) {
    for (const path of paths) await forget(new URL(path, location));
  },
  async discard({ id }) {
    await remove("queue", id);
    await tell();
  },
  async retry({ id }) {
    const entry = (await all("queue")).find((row) => row.id === id);
    if (entry) await settle(entry, { state: "waiting" });
    await replay();
  },
};
