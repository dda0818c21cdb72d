// "Log a call": a dialog for a contact or a deal. What it says goes to the outbox, with or without a network.

import { contactOf } from "./contacts.js";
import { say } from "./dom.js";
import { deals } from "./lists.js";
import { call } from "./outbox.js";
import { sync } from "./sync.js";

const dialog = document.querySelector("[data-call-dialog]");
const form = dialog.querySelector("form");
let about = null;
let opener = null;

function open(button) {
  const [className, id] = button.dataset.call.split(" ");
  about = className === "Deal" ? deals.find(id) : contactOf(id);
  if (!about) return;
  opener = button;
  form.reset();
  dialog.querySelector("[data-text=about]").textContent = about.get("title") ?? about.get("name");
  dialog.showModal();
}

function save(event) {
  event.preventDefault();
  const { subject, notes } = form.elements;
  call(about, subject.value.trim(), notes.value.trim());
  dialog.close();
  say(`The call is noted: ${subject.value.trim()}`);
  sync();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-call]");
  if (button) open(button);
});
form.addEventListener("submit", save);
dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => opener?.focus());
