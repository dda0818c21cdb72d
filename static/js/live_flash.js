// Shows who changed something ("live:flash", detail {element, by}) and says it politely to screen readers ("live:say").

const SHOWN_MS = 4000;
const shown = new WeakMap();

function end(element) {
  element.querySelector(":scope > .flash-name")?.remove();
  element.classList.remove("is-flashed");
}

document.addEventListener("live:flash", ({ detail: { element, by } }) => {
  clearTimeout(shown.get(element));
  end(element);
  const name = document.createElement("span");
  Object.assign(name, { className: "flash-name", textContent: by });
  name.setAttribute("aria-hidden", "true"); // it is said below
  element.append(name);
  element.classList.add("is-flashed");
  shown.set(element, setTimeout(end, SHOWN_MS, element));
});

document.addEventListener("live:say", ({ detail }) => {
  const region = document.querySelector("[data-live-says]");
  // The same words twice are said twice only if the text differs.
  if (region) region.textContent = region.textContent === detail ? `${detail}\u00a0` : detail;
});
