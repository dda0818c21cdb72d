// On a phone one of the two sections is shown, by the address (app.css); the link says which.

const links = [...document.querySelectorAll("nav a")];

function mark() {
  const current = links.find((link) => link.hash === location.hash) ?? links[0];
  for (const link of links) link.setAttribute("aria-current", String(link === current));
}

window.addEventListener("hashchange", mark);
mark();
