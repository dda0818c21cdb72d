// A list of objects that is shown at once from its pins, replaced by what the server has, and followed by LiveQuery.

import { announce, inTime, Parse } from "./parse.js";
import { pin, pinned } from "./pins.js";

/** How long a change waits for others before all is pinned anew. */
const PIN_MS = 300;

export class KeptList {
  #objects = new Map();
  #timer = 0;
  #isGone = false;

  /** `query` returns a new query for what belongs into the list; `name` is that of its pin. */
  constructor(name, query) {
    Object.assign(this, { name, query });
  }

  find = (id) => this.#objects.get(id);
  all = () => [...this.#objects.values()];

  /** Show what is kept on the device. */
  load = async () => this.#replace(await pinned(this.name, this.query().className));

  /** Ask the server for everything, and keep that in place of what was kept. */
  async fetch() {
    this.#replace(await inTime(this.query().find()));
    this.#keep();
  }

  /** Ask for one object again: an event has no included objects. It goes if it no longer belongs into the list. */
  async refresh(id) {
    const answer = await inTime(this.query().equalTo("objectId", id).find()).catch(() => null);
    if (answer?.length) this.put(answer[0]);
    else if (answer) this.take(id); // without an answer all is fetched when the server is back
  }

  put(object) {
    const known = this.#objects.get(object.id);
    if (known && known.updatedAt > object.updatedAt) return; // answers may overtake each other
    this.#objects.set(object.id, object);
    this.#keep();
    announce();
  }

  take(id) {
    if (this.#objects.delete(id)) this.#keep();
    announce();
  }

  /** Follow by the condition alone: an event only says which object to ask for. */
  async follow() {
    const query = this.query();
    const followed = Parse.Query.fromJSON(query.className, { where: query.toJSON().where });
    const subscription = await followed.subscribe();
    for (const event of ["create", "enter", "update"]) subscription.on(event, ({ id }) => this.refresh(id));
    for (const event of ["leave", "delete"]) subscription.on(event, ({ id }) => this.take(id));
  }

  /** Keep nothing more, whatever still comes: all is about to be erased. */
  forget() {
    this.#isGone = true;
  }

  #replace(objects) {
    this.#objects = new Map(objects.map((object) => [object.id, object]));
    announce();
  }

  #keep() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => !this.#isGone && pin(this.name, this.all), PIN_MS);
  }
}
