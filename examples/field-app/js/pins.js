// What is kept on the device, in the SDK's local datastore, by the name of a pin.

import { Parse } from "./parse.js";

/** The classes whose objects are pinned, by themselves or because another one includes them. */
const CLASSES = ["Deal", "Contact", "Company"];
let turn = Promise.resolve(); // the datastore has no lock: of all lists one writes at a time

export const pinned = (name, className) => new Parse.Query(className).fromPinWithName(name).find();

/** Pin these in place of what is pinned. To unpin all by the name alone would leave the objects on the device. */
async function replace(name, objects) {
  for (const each of CLASSES) await Parse.Object.unPinAllWithName(name, await pinned(name, each));
  if (objects.length) await Parse.Object.pinAllWithName(name, objects);
}

/** Keep what `objects()` returns when its turn comes. */
export function pin(name, objects) {
  turn = turn
    .then(() => replace(name, objects()))
    .catch((error) => console.error("Not kept on the device:", error)); // it is full, say; what is shown stays right
  return turn;
}

const OURS = /^(Parse_LDS|parsePin)_/;

/** Erase all that is kept, once what is being written is. The SDK would leave what two tabs that wrote at once lost. */
export function erase() {
  turn = turn.then(() => {
    for (const key of Object.keys(localStorage)) if (OURS.test(key)) localStorage.removeItem(key);
  });
  return turn;
}
