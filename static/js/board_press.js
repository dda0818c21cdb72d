// A finger that presses a card long and lets go selects it ("board:toggle"); one that moves drags it. SortableJS tells.

let pressed; // the card under a finger that has not moved yet

document.addEventListener("choose", ({ item, originalEvent }) => {
  if (originalEvent?.pointerType !== "touch") return;
  pressed = item;
  navigator.vibrate?.(8);
});
document.addEventListener("start", () => (pressed = undefined));
document.addEventListener("unchoose", ({ item }) => {
  if (item && pressed === item) document.dispatchEvent(new CustomEvent("board:toggle", { detail: { card: item } }));
  setTimeout(() => (pressed = undefined));
});

// Neither a menu of the browser nor its scrolling comes between.
document.addEventListener("contextmenu", (event) => pressed && event.preventDefault());
document.addEventListener("touchmove", (event) => pressed && event.cancelable && event.preventDefault(), { passive: false });
