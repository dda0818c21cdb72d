// Says in the header that the page is not live: after 5 s, so that a short break goes unnoticed.

const PATIENCE_MS = 5000;
let timer;
let wasOn = false;

function show() {
  for (const place of document.querySelectorAll("[data-live-state]")) {
    place.querySelector("[data-live-words]").textContent = wasOn ? "Reconnecting" : "Not live";
    place.hidden = false;
  }
}

function hide() {
  clearTimeout(timer);
  timer = undefined;
  for (const place of document.querySelectorAll("[data-live-state]")) place.hidden = true;
}

document.addEventListener("live:state", ({ detail }) => {
  wasOn ||= detail === "on";
  if (detail === "off") timer ??= setTimeout(show, PATIENCE_MS);
  else hide();
});
