// What the worker remembers beside pages: changes that wait to be sent, and what is pinned.
"use strict";

const BASE = "crm";
const STORES = { queue: { keyPath: "id", autoIncrement: true }, pins: { keyPath: ["person", "path"] } };

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(BASE, 1);
    asked.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(STORES)) asked.result.createObjectStore(name, options);
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

/** Run `act` on a store as one transaction; resolve with the result of the request it returns, once that is on disk. */
async function within(store, mode, act) {
  const base = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = base.transaction(store, mode, { durability: "strict" });
      const asked = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    base.close();
  }
}

const all = (store) => within(store, "readonly", (rows) => rows.getAll());
const put = (store, row) => within(store, "readwrite", (rows) => rows.put(row));
const remove = (store, key) => within(store, "readwrite", (rows) => rows.delete(key));

const removeAll = () =>
  new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(BASE);
    asked.onsuccess = asked.onerror = asked.onblocked = resolve; // blocked: when the last one who reads is done
  });

/** Change an entry of the queue, or remove it (`values` is null), unless it was changed or removed meanwhile. */
function settle({ id, stamp }, values) {
  return within("queue", "readwrite", (rows) => {
    const asked = rows.get(id);
    asked.onsuccess = () => {
      if (asked.result?.stamp !== stamp) return;
      if (values) rows.put({ ...asked.result, ...values });
      else rows.delete(id);
    };
    return asked;
  });
}
