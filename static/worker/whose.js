// Whose pages are kept: the name of their cache says so. Nobody else's are ever shown, nor kept beside them.
"use strict";

const PAGES = "pages-";
let era = 0; // goes up with every erasure: what was asked for before is not kept after it

const cacheOf = ({ person, signIn }) => `${PAGES}${person}-${signIn}`;
const pageCaches = async () => (await caches.keys()).filter((name) => name.startsWith(PAGES));

function deviceOf(response) {
  const [version = "", person = "", signIn = ""] = (response.headers.get("CRM-Device") ?? "").split(" ");
  return { version, person, signIn };
}

async function whose() {
  const [name = PAGES] = await pageCaches();
  const [person = "", signIn = ""] = name.slice(PAGES.length).split("-");
  return { person, signIn };
}

/** Take note of who is signed in: what is kept of anybody else, or of an earlier sign-in, goes. True for a new one. */
async function note(device) {
  const own = device.person && cacheOf(device);
  const names = await pageCaches();
  const others = names.filter((name) => name !== own);
  if (others.length) era += 1;
  await Promise.all(others.map((name) => caches.delete(name)));
  if (!own || names.includes(own)) return false;
  await caches.open(own);
  return true;
}

/** Somebody signed out: nothing of anybody stays on the device. */
async function erase() {
  await note({ person: "" });
  era += 1;
  await removeAll();
}

/** Return who is signed in now, with a token for forms. */
async function session() {
  const answer = await soon(fetch(CRM.session, { cache: "no-store" }), SEND_MS);
  if (!answer.ok) throw new Error("no session");
  return answer.json();
}

async function sessionOf(person) {
  const now = await session();
  isSignedOut = !now.person;
  if (now.person !== person) throw new Error("somebody else");
  return now;
}
