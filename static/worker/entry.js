// What a form that could not be sent is in the queue.
"use strict";

const LEFT_OUT = ["offline", "csrfmiddlewaretoken"];

/** Return the fields of a form as pairs; none of a form that carries files. */
async function fieldsOf(request) {
  const type = request.headers.get("Content-Type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) return [];
  return [...new URLSearchParams(await request.clone().text())];
}

/** Make an entry of fields; the field `offline` says whose the page was and describes the form (static/js). */
function entryOf(url, fields) {
  const { person, page, what, changes } = JSON.parse(new Map(fields).get("offline"));
  if (!/^\/(?!\/)/.test(page)) throw new Error("no page of ours");
  const sent = fields.filter(([name]) => !LEFT_OUT.includes(name));
  const stamp = crypto.randomUUID();
  return { person, url: url.pathname, page, what, changes, fields: sent, time: Date.now(), state: "waiting", stamp };
}

const valueOf = (entry, name) => entry.fields.find(([key]) => key === name)?.[1] ?? "";
const isSameForm = (one, other) =>
  one.person === other.person &&
  one.url === other.url &&
  ["version", "key", "use"].every((name) => valueOf(one, name) === valueOf(other, name));

/** Return what waits of the same form: the same version of a record, or the same new one. */
async function twinOf(entry) {
  return (await all("queue")).find((other) => other.state === "waiting" && isSameForm(entry, other));
}

/** Return an edit with the changes of a later one of the same version on top. */
function merged(old, entry) {
  const changed = new Set(entry.changes.map(({ name }) => name));
  const isNew = ([name]) => changed.has(name.replace(/-new$/, ""));
  const fields = [...old.fields.filter((field) => !isNew(field)), ...entry.fields.filter(isNew)];
  const changes = [...old.changes.filter(({ name }) => !changed.has(name)), ...entry.changes];
  return { ...entry, id: old.id, fields, changes };
}

/** Put an entry into the queue: in place of the one it mends, on top of its twin, or behind all others. */
async function enqueue(entry, mended, twin) {
  let row = entry;
  if (mended) row = { ...entry, id: mended.id, changes: entry.changes.length ? entry.changes : mended.changes };
  else if (twin && valueOf(entry, "version")) row = merged(twin, entry);
  else if (twin && JSON.stringify(twin.fields) === JSON.stringify(entry.fields)) row = twin;
  else if (twin) row = { ...entry, fields: entry.fields.map(([name, value]) => [name, name === "use" ? entry.stamp : value]) };
  const id = await put("queue", row);
  return { ...row, id };
}
