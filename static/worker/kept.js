// Reads what is kept of the person who is signed in.
"use strict";

const EXACT = { ignoreVary: true };
const FRESH_MS = 15 * 60_000;

async function ownCache() {
  const [name] = await pageCaches();
  return name ? caches.open(name) : undefined;
}

const keptPage = async (url) => (await ownCache())?.match(url, EXACT);

/** Return what answers a page without network: the page, the same list as it was last seen, or what is kept at all. */
async function keptAnswer(url) {
  const page = await keptPage(url);
  if (page) return page;
  if (kindOf(url) === "other") {
    const alike = ((await (await ownCache())?.keys()) ?? []).filter((key) => new URL(key.url).pathname === url.pathname);
    if (alike.length) return Response.redirect(alike.at(-1).url, 302);
  }
  return (await keptPage(new URL(CRM.page, location))) ?? plainPage();
}

async function forget(url) {
  const cache = await ownCache();
  await cache?.delete(url, EXACT);
  if (kindOf(url) === "record") await cache?.delete(new URL("edit/", url), EXACT);
}

/** Describe every page that is kept, the last one first. */
async function keptList() {
  const cache = await ownCache();
  if (!cache) return [];
  const pinned = new Set(await pins());
  const described = (await cache.keys()).map(async (key) => {
    const url = new URL(key.url);
    const { headers } = (await cache.match(key, EXACT)) ?? new Response();
    const title = decodeURIComponent(headers.get("CRM-Title") ?? "");
    const shown = { path: url.pathname + url.search, title, time: headers.get("CRM-Kept"), kind: kindOf(url) };
    return { ...shown, version: deviceOf({ headers }).version, isPinned: pinned.has(url.pathname) };
  });
  return (await Promise.all(described)).reverse();
}

const keptVersions = async () => (await keptList()).map(({ version }) => version);

async function pins() {
  const { person } = await whose();
  return (await all("pins")).filter((pin) => pin.person === person).map(({ path }) => path);
}

/** Forget the oldest pages beyond what is kept of each kind; pinned ones stay. */
async function trim() {
  const pinned = new Set(await pins());
  const urls = ((await (await ownCache())?.keys()) ?? []).map((key) => new URL(key.url)).reverse();
  for (const [kind, most] of Object.entries(MOST)) {
    const loose = urls.filter((url) => kindOf(url) === kind && !pinned.has(url.pathname));
    await Promise.all(loose.slice(most).map(forget));
  }
}

/** Fetch pinned pages again that are not kept, or not fresh. */
async function refreshPinned() {
  const paths = await pins();
  if (!paths.length) return;
  const times = new Map((await keptList()).map(({ path, time }) => [path, Date.parse(time)]));
  for (const path of paths) {
    if (Date.now() - (times.get(path) ?? 0) > FRESH_MS) await fetchToKeep(new URL(path, location));
  }
}
