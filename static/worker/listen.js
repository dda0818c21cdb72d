// Which requests and messages the worker takes, and who answers them. Whatever is not named here goes past it.
"use strict";

// A form of another site goes past as well: sent from here it would look like one of ours.
const isOurs = ({ referrer }) => referrer.startsWith(`${location.origin}/`);
const PAST = /^\/(?:admin|parse|graphql|live)(?:\/|$)/;

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || PAST.test(pathname)) return;
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(read(event));
  else if (request.mode === "navigate" && request.method === "POST" && isOurs(request)) event.respondWith(send(event));
  else if (request.method === "GET" && pathname.startsWith(CRM.static)) event.respondWith(file(request));
});

self.addEventListener("message", (event) => {
  const { op, ...detail } = event.data;
  if (Object.hasOwn(deeds, op)) event.waitUntil(deeds[op](detail, event.source));
});

self.addEventListener("sync", (event) => {
  if (event.tag === LOCK) event.waitUntil(replay());
});
