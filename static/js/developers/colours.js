// "playground:json" (detail: an element whose text is JSON): names, texts and other values in colours, without an element more.
// Browsers that cannot do so show plain text.

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONGEST = 100_000;
const sets = globalThis.Highlight && { name: new Highlight(), text: new Highlight(), value: new Highlight() };

if (sets) for (const [name, set] of Object.entries(sets)) CSS.highlights.set(`json-${name}`, set);

function forget(element) {
  for (const set of Object.values(sets)) {
    for (const range of set) if (!range.startContainer.isConnected || element.contains(range.startContainer)) set.delete(range);
  }
}

function colour(element) {
  forget(element);
  const node = element.firstChild;
  if (!node || node.length > LONGEST || element.classList.contains("is-problem")) return;
  for (const found of node.data.matchAll(TOKEN)) {
    const range = new StaticRange({
      startContainer: node, startOffset: found.index, endContainer: node, endOffset: found.index + (found[1] ?? found[0]).length,
    });
    (found[2] ? sets.name : found[1] ? sets.text : sets.value).add(range);
  }
}

if (sets) document.addEventListener("playground:json", ({ detail }) => colour(detail));
