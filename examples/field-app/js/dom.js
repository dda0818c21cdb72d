// Fills templates with text. Nothing of a record ever becomes HTML: all of it goes through textContent.

/** Fill the elements of `root` that are marked data-text="name"; what has no text is hidden. */
export function fill(root, texts) {
  for (const [name, text] of Object.entries(texts)) {
    const element = root.querySelector(`[data-text="${name}"]`);
    const words = text ?? "";
    if (element.textContent !== words) element.textContent = words;
    element.hidden = !words;
  }
}

/**
 * Show `items` in `list`, each as a copy of the template `name` that `draw` fills.
 * An item that is there keeps its element, so that focus and a choice that was begun survive what others do.
 */
export function draw(list, name, items, fillIn) {
  const known = new Map([...list.children].map((element) => [element.dataset.key, element]));
  const template = document.getElementById(name).content.firstElementChild;
  let before = null;
  for (const item of items) {
    const element = known.get(item.id) ?? template.cloneNode(true);
    known.delete(item.id);
    element.dataset.key = item.id;
    fillIn(element, item);
    const place = before ? before.nextElementSibling : list.firstElementChild;
    if (place !== element) list.insertBefore(element, place);
    before = element;
  }
  for (const gone of known.values()) gone.remove();
}

const region = document.querySelector("[data-said]");

/** Say something to who listens and who looks. */
export function say(words) {
  region.replaceChildren(Object.assign(document.createElement("span"), { textContent: words }));
}
