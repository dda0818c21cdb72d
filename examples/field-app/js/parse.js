// The official SDK, set up. Everything else imports Parse from here.

import config from "../config.js";

export const { Parse } = window; // index.html loads the package's own build for browsers

Parse.initialize(config.applicationId, config.javascriptKey);
Parse.serverURL = config.serverURL;
Parse.idempotency = true; // every write carries a request id: a repetition is done once
Parse.enableLocalDatastore(false); // pins; the SDK's own queue is not used (README.md says why)
Parse.Object.disableSingleInstance(); // a save that fails leaves nothing behind in what is shown

/** How long a request may take before it counts as lost; the SDK itself would wait for ever. */
const PATIENCE_MS = 20_000;

/** Tell whether an error says nothing but that the server could not be reached, or could not answer now. */
export const isAway = ({ code }) => !code || AWAY.includes(code);
const { CONNECTION_FAILED, INTERNAL_SERVER_ERROR, REQUEST_LIMIT_EXCEEDED } = Parse.Error;
const AWAY = [CONNECTION_FAILED, INTERNAL_SERVER_ERROR, REQUEST_LIMIT_EXCEEDED];

export const isSignedOut = ({ code }) => code === Parse.Error.INVALID_SESSION_TOKEN;

/** Give up on a request that does not end. */
export function inTime(request) {
  let timer;
  const late = new Promise((_go, fail) => {
    timer = setTimeout(() => fail(new Error("No answer in time")), PATIENCE_MS);
  });
  return Promise.race([request, late]).finally(() => clearTimeout(timer));
}

/** Tell the page that something it shows has changed. */
export const announce = () => document.dispatchEvent(new Event("app:changed"));
