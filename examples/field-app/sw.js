// Keeps the files of the app on the device, so that it opens without a network. It never sees the data: that is pinned.

const CACHE = "field-app-1";
const MODULES = [
  "app", "call", "contacts", "dom", "kept_list", "lists", "outbox", "parse", "pins", "pipeline", "send", "session",
  "sync", "tabs", "waiting",
];
const SHELL = [
  "./", "app.css", "config.js", "icon.svg", "manifest.webmanifest", "vendor/parse-8.6.0/parse.min.js",
  ...MODULES.map((name) => `js/${name}.js`),
];
const PATIENCE_MS = 3_000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(caches.keys().then(takeOver)));

function takeOver(names) {
  const old = names.filter((name) => name.startsWith("field-app-") && name !== CACHE);
  return Promise.all([...old.map((name) => caches.delete(name)), self.clients.claim()]);
}

const late = () => new Promise((_go, fail) => setTimeout(fail, PATIENCE_MS));

/** Answer with what the server has, so that nobody works with an old app; with what is kept if that takes too long. */
async function answer(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await Promise.race([fetch(request), late()]);
    if (fresh.ok) await cache.put(request, fresh.clone());
    return fresh;
  } catch {
    return (await cache.match(request, { ignoreSearch: true })) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const isOurs = new URL(event.request.url).origin === location.origin;
  if (event.request.method === "GET" && isOurs) event.respondWith(answer(event.request));
});
