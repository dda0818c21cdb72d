// Who is signed in, and the form for it. What is kept on the device belongs to that person only.

import { lists } from "./lists.js";
import { clear, entries } from "./outbox.js";
import { inTime, isAway, Parse } from "./parse.js";
import { erase } from "./pins.js";

const form = document.querySelector("[data-log-in]");
const error = form.querySelector("[data-error]");

const UNKNOWN = "Wrong name or password.";
function reason(problem) {
  if (isAway(problem)) return "The server cannot be reached.";
  return problem.code === Parse.Error.OBJECT_NOT_FOUND ? UNKNOWN : problem.message;
}

export const isKnown = () => Boolean(Parse.User.current());

/** Show the app or the form. */
export function show() {
  form.closest("main").hidden = isKnown();
  document.querySelector("[data-app]").hidden = !isKnown();
}

/** Erase what this tab has kept, and what it is just keeping. */
function forget() {
  for (const list of lists) list.forget();
  return erase();
}

/** Leave. What waits stays only if the session ended by itself: it is sent after the next log-in. */
async function leave({ isWanted }) {
  await forget();
  if (isWanted) clear();
  await inTime(Parse.User.logOut()).catch(() => null); // forgotten here, whatever the server says
  location.reload(); // nothing of the person stays in memory, and the socket ends
}

function logOut() {
  const { length } = entries();
  if (!length || confirm(`${length} not sent yet will be lost. Log out?`)) return leave({ isWanted: true });
}

async function logIn(event, start) {
  event.preventDefault();
  const { username, password } = form.elements;
  const button = form.querySelector("button");
  button.disabled = true;
  error.textContent = "";
  try {
    await inTime(Parse.User.logIn(username.value.trim(), password.value));
    form.reset();
    show();
    document.querySelector("[data-app] h1").focus();
    start();
  } catch (problem) {
    error.textContent = reason(problem);
    password.focus();
  } finally {
    button.disabled = false;
  }
}

/** Have `start` called when somebody has logged in. */
export function bind(start) {
  form.addEventListener("submit", (event) => logIn(event, start));
  document.querySelector("[data-log-out]").addEventListener("click", logOut);
  document.addEventListener("app:signed-out", () => leave({ isWanted: false }));
  window.addEventListener("storage", async ({ key, newValue }) => {
    if (!key?.endsWith("/currentUser") || newValue) return;
    await forget(); // logged out in another tab, which cannot know what this one was keeping
    location.reload();
  });
}
