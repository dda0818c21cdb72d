// While a card is dragged: marks the zone, the tab or the folded column that it is held over.

let marked;

function mark(zone) {
  if (zone === marked) return;
  marked?.classList.remove("is-over");
  zone?.classList.add("is-over");
  marked = zone;
}

document.addEventListener("pointermove", ({ clientX, clientY }) => {
  if (!document.body.classList.contains("is-dragging")) return;
  const under = document.elementFromPoint(clientX, clientY);
  mark(under?.closest("[data-zone], [data-folded]") ?? undefined);
});
document.addEventListener("board:release", () => mark(undefined));
