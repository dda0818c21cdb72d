// The files of one version of the site: kept together, and dropped together once no kept page needs them.
"use strict";

const SHELL = "shell-";
const OWN = `${SHELL}${CRM.version}`;

async function install() {
  const cache = await caches.open(OWN);
  const plain = new Request(CRM.page, { credentials: "omit", cache: "reload" }); // as nobody: it is everybody's
  const files = CRM.files.map((file) => new Request(file, { cache: CRM.freshness }));
  await cache.addAll([plain, ...files]);
  await self.skipWaiting();
}

async function activate() {
  const needed = new Set([CRM.version, ...(await keptVersions())]);
  const shells = (await caches.keys()).filter((name) => name.startsWith(SHELL));
  await Promise.all(shells.filter((name) => !needed.has(name.slice(SHELL.length))).map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
  await fetchQuietly(CRM.page); // of this version, for who is signed in
}

async function file(request) {
  const own = await caches.open(OWN);
  const options = { ignoreVary: true };
  return (await own.match(request, options)) ?? (await caches.match(request, options)) ?? fetch(request);
}

const plainPage = async () => (await caches.open(OWN)).match(CRM.page, { ignoreVary: true });

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
