// The button that keeps a record on this device, and what goes from it: records that may not be seen any more.

const PLURALS = { Company: "companies", Contact: "contacts", Deal: "deals", Activity: "activities" };
const ask = (detail) => document.dispatchEvent(new CustomEvent("offline:ask", { detail }));
const path = location.pathname;
let pins;

function show() {
  const button = document.querySelector("[data-pin]");
  if (!button || !pins || !/^\/\w+\/\w+\/$/.test(path)) return;
  button.hidden = false;
  button.setAttribute("aria-pressed", String(pins.includes(path)));
}

document.addEventListener("offline:state", ({ detail }) => {
  pins = detail.person ? detail.pins : undefined;
  show();
});
document.addEventListener("htmx:load", show); // the buttons of the page were drawn anew

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-pin]");
  if (button) ask({ op: "pin", path, isPinned: button.getAttribute("aria-pressed") !== "true" });
});

document.addEventListener("live:changes", ({ detail }) => {
  const gone = detail.filter(({ what, class: name }) => ["gone", "delete"].includes(what) && PLURALS[name]);
  if (gone.length) ask({ op: "gone", paths: gone.map(({ class: name, id }) => `/${PLURALS[name]}/${id}/`) });
});
