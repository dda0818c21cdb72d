// Keeps pages: what was opened last, what is pinned, and the forms that belong to them.
"use strict";

const RECORD = /^(\/(?:companies|contacts|deals|activities)\/(?!new\/|board\/|options\/)[^/]+\/)(edit\/)?$/;
const OTHERS = /^\/(?:(?:companies|contacts|deals|activities)\/(?:new\/)?|deals\/board\/)?$/;
const MOST = { record: 50, other: 30 };
const NOT_KEPT = ["Clear-Site-Data", "Content-Encoding", "Content-Length", "Set-Cookie", "Vary"];
const MARKS = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };

function kindOf({ pathname, search }) {
  const record = RECORD.exec(pathname);
  if (record || pathname === CRM.page) return search ? "" : !record ? "page" : record[2] ? "form" : "record";
  return OTHERS.test(pathname) ? "other" : "";
}

function isToKeep(url, answer) {
  const isPage = (answer.headers.get("Content-Type") ?? "").startsWith("text/html");
  return answer.status === 200 && answer.type === "basic" && isPage && !answer.redirected && kindOf(url) !== "";
}

/** Return a page as it is kept: it says since when, and its tokens are gone. */
const marked = (text, time) =>
  text
    .replace("<html ", `<html data-kept="${time}" `)
    .replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, "$1")
    .replace(/("X-CSRFToken": ")[^"]*/g, "$1");

function titleOf(text) {
  const [, title = ""] = /<title>([^<]*)<\/title>/.exec(text) ?? [];
  const words = title.replace(/&(amp|lt|gt|quot|#x27);/g, (_all, mark) => MARKS[mark]);
  return words.replace(/\s+/g, " ").replace(/ · CRM ?$/, "").trim();
}

/** Keep a page of the person who is signed in; `mine` is the era in which it was asked for. */
async function keep(url, answer, mine) {
  const text = await answer.text();
  const time = new Date().toISOString();
  const headers = new Headers(answer.headers);
  for (const name of NOT_KEPT) headers.delete(name);
  headers.set("CRM-Kept", time);
  headers.set("CRM-Title", encodeURIComponent(titleOf(text)));
  const name = cacheOf(deviceOf(answer));
  if (mine !== era || !(await caches.has(name))) return;
  await (await caches.open(name)).put(url.href, new Response(marked(text, time), { headers }));
  if (mine !== era) await caches.delete(name);
  else if (kindOf(url) === "record") await keepForm(url, text, deviceOf(answer));
}

/** Keep the form of a record as well, unless the one that is kept is of this version, of the record and the site. */
async function keepForm(url, text, device) {
  const form = new URL("edit/", url);
  if (!text.includes(`href="${form.pathname}"`)) return forget(form);
  const [, stamp = ""] = /data-stamp="([^"]+)"/.exec(text) ?? [];
  const old = await keptPage(form);
  const isSame = old && deviceOf(old).version === device.version && (await old.text()).includes(`value="${stamp}"`);
  if (!isSame) await fetchToKeep(form);
}

/** Ask for a page without showing it, and keep it; what may not be seen any more goes. */
async function fetchToKeep(url) {
  const mine = era;
  const answer = await fetch(url, { headers: { "CRM-Keep": "1" }, redirect: "manual" });
  const device = deviceOf(answer);
  const isFirst = device.person && mine === era && !(await whose()).person && (await note(device));
  if (isFirst) await settleIn(); // the page came before its worker
  const isMine = cacheOf(device) === cacheOf(await whose());
  if (isMine && isToKeep(url, answer)) await keep(url, answer, mine);
  else if ([403, 404, 410].includes(answer.status)) await forget(url);
}
