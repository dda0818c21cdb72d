// Sends forms; what does not reach the server is kept and sent later.
"use strict";

const SEND_MS = 20_000;

async function send(event) {
  const { request } = event;
  const url = new URL(request.url);
  const fields = await fieldsOf(request);
  const known = new Map(fields);
  if (url.pathname === CRM.signOut) return signOut(request, known);
  if (!known.has("offline") || known.has("find")) return plainly(request);
  const entry = entryOf(url, fields);
  const mended = await entryNumbered(url.searchParams.get("queued"), entry.person);
  const twin = mended ? undefined : await twinOf(entry);
  const answer = twin ? undefined : await directly(request.url, entry, known.get("csrfmiddlewaretoken"));
  const place = answer && placeOf(answer);
  if (place && mended) await remove("queue", mended.id);
  if (answer) event.waitUntil(replay());
  if (answer) return place ? Response.redirect(place, 303) : answer;
  const waiting = await enqueue(entry, mended, twin);
  if (twin) await replay();
  event.waitUntil(sendLater());
  return Response.redirect(await whereTo(waiting), 303);
}

/** Return the server's answer; nothing if it cannot be reached, or if whose page this is is not signed in any more. */
async function directly(url, entry, token) {
  const post = async (session) => soon(posted(url, entry, await session, AS_HTMX), SEND_MS);
  const isStale = ({ status }) => status === 403; // perhaps only the token, after another sign-in
  try {
    const first = token ? await post({ token }) : undefined;
    const answer = !first || isStale(first) ? await post(sessionOf(entry.person)) : first;
    isSignedOut = answer.headers.has("HX-Redirect");
    if (isSignedOut || [412, ...AWAY].includes(answer.status)) return undefined;
    reached(true);
    return answer;
  } catch {
    return undefined;
  }
}

async function plainly(request) {
  try {
    return await fetch(request);
  } catch {
    reached(false);
    return Response.redirect(`${CRM.page}?unsent`, 303);
  }
}

/** Sign out, and leave nothing on the device; without network at least that. */
async function signOut(request, known) {
  try {
    const isFresh = known.get("csrfmiddlewaretoken");
    const answer = await (isFresh ? fetch(request) : posted(request.url, { fields: [] }, await session()));
    if (answer.type === "opaqueredirect") await erase();
    return answer;
  } catch {
    await erase();
    return Response.redirect(`${CRM.page}?erased`, 303);
  }
}

async function entryNumbered(number, person) {
  return (await all("queue")).find((entry) => String(entry.id) === number && entry.person === person);
}

/** Return where to go after a form was put into the queue. */
async function whereTo({ id, page }) {
  const now = (await all("queue")).find((entry) => entry.id === id);
  if (!now) return landed.get(id) ?? page;
  if (isSignedOut) return `${CRM.signIn}?next=${encodeURIComponent(CRM.page)}`;
  return now.state === "waiting" && (await keptPage(new URL(page, location))) ? page : CRM.page;
}
