// The two lists of the app: the open deals, and the contacts.

import config from "../config.js";
import { KeptList } from "./kept_list.js";
import { Parse } from "./parse.js";

/** What fits into a browser's storage, and what a person can look through. */
export const MOST = 500;
export const isOpen = (stage) => open.includes(stage);
const open = config.stages.filter((stage) => stage.open).map((stage) => stage.key);

// Only what is shown is asked for: notes may be long, and all of it has to fit.
const DEAL = ["title", "amount", "stage", "company.name", "contact.name"];
const CONTACT = ["name", "email", "phone", "company.name"];

export const deals = new KeptList("deals", () =>
  new Parse.Query("Deal")
    .containedIn("stage", open)
    .select(DEAL)
    .include("company", "contact")
    .descending("updatedAt")
    .limit(MOST),
);
export const contacts = new KeptList("contacts", () =>
  new Parse.Query("Contact").select(CONTACT).include("company").ascending("name").limit(MOST),
);
export const lists = [deals, contacts];
