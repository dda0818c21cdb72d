// The contacts: those on the device at once, and while there is a network those that the server finds as well.

import { draw, fill } from "./dom.js";
import { contacts } from "./lists.js";
import { Parse } from "./parse.js";
import { connection } from "./sync.js";

const list = document.querySelector("[data-contacts]");
const none = document.querySelector("[data-no-contacts]");
const search = document.querySelector("[data-search]");
const PAUSE_MS = 250;
let found = [];
let timer = 0;

const words = () => search.value.trim().toLowerCase();
const FIELDS = ["name", "email", "phone"];
const matches = (contact) =>
  [...FIELDS.map((name) => contact.get(name)), contact.get("company")?.get("name")].some((text) =>
    text?.toLowerCase().includes(words()),
  );

function link(element, name, scheme, target) {
  const anchor = element.querySelector(`[data-link="${name}"]`);
  anchor.hidden = !target;
  anchor.href = target ? `${scheme}:${target}` : "#";
}

function row(element, contact) {
  const name = contact.get("name");
  const phone = contact.get("phone");
  fill(element, { name, company: contact.get("company")?.get("name"), phone: phone && `Call ${phone}` });
  link(element, "phone", "tel", phone?.replace(/[^\d+*#,;]/g, ""));
  link(element, "email", "mailto", contact.get("email") && encodeURIComponent(contact.get("email")));
  element.querySelector("[data-link=email]").setAttribute("aria-label", `Mail ${name}`);
  const call = element.querySelector("[data-call]");
  call.dataset.call = `Contact ${contact.id}`;
  call.setAttribute("aria-label", `Log a call with ${name}`);
}

/** Show what fits the search. */
export function render() {
  const here = contacts.all().filter(matches);
  const others = found.filter((contact) => !contacts.find(contact.id) && matches(contact));
  const all = [...here, ...others].sort((one, other) => one.get("name").localeCompare(other.get("name")));
  draw(list, "contact", all, row);
  none.hidden = all.length > 0;
}

/** Return a contact, on the device or found. */
export const contactOf = (id) => contacts.find(id) ?? found.find((contact) => contact.id === id);

async function ask(text) {
  const pattern = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const queries = FIELDS.map((name) => new Parse.Query("Contact").matches(name, pattern, "i"));
  const answer = await Parse.Query.or(...queries).include("company").limit(50).find();
  if (text === words()) found = answer;
  render();
}

search.addEventListener("input", () => {
  render();
  clearTimeout(timer);
  const text = words();
  if (text && !connection.isAway) timer = setTimeout(() => ask(text).catch(() => null), PAUSE_MS); // else those here
});
