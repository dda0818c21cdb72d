// "live:page": says who changed the record of this page, and what to do where a form is being filled in: nothing that is typed is
// touched. A record that is gone, or hidden now, goes from the page.

const KINDS = { Deal: "deal", Contact: "contact", Company: "company", Activity: "activity" };
const DONE = { create: "added", update: "changed", delete: "deleted" };
const main = () => document.querySelector("main[data-live-on]");
const tell = (what, detail) => document.dispatchEvent(new CustomEvent(what, { detail, cancelable: true }));
const who = (notice) => (notice?.mine ? "You" : notice?.by || "Somebody");
const isUnsaved = () => !tell("unsaved");

function words(name, notice) {
  const kind = KINDS[notice.class];
  if (name === main().dataset.liveOn) return `${who(notice)} changed this ${kind}`;
  return `${who(notice)} ${DONE[notice.what] ?? "changed"} ${kind === "activity" ? "an" : "a"} ${kind}`;
}

function warn(text, url) {
  const place = main().querySelector("[data-live-notice]") ?? document.getElementById("live-notice").content.firstElementChild.cloneNode(true);
  place.querySelector("p").textContent = text;
  const link = place.querySelector("a");
  link.hidden = !url;
  if (url) link.href = url;
  main().querySelector("[data-guard]").before(place);
}

/** Show what the server shows instead; what is typed stays, without anything of the record around it. */
function leave(page) {
  if (isUnsaved()) {
    for (const part of document.querySelectorAll("[data-live-part]")) part.replaceChildren();
    warn("This was deleted, or is no longer shared with you. What you typed is still here, to copy; it cannot be saved.");
  } else {
    main().replaceChildren(...page.querySelector("main").childNodes);
    main().removeAttribute("data-live-on");
  }
}

document.addEventListener("live:page", ({ detail: { news, status, text } }) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  const old = main().dataset;
  const fresh = page.querySelector("main").dataset;
  document.title = page.title;
  if (status !== 200) return leave(page);
  const notice = news.get(old.liveOn);
  const isNewer = old.version !== fresh.version && fresh.version;
  if (isNewer && old.liveForm !== undefined) warn(`${who(notice)} changed this ${KINDS[old.liveOn.split(":")[0]]} while you edit it.`, old.liveForm);
  if (isNewer) old.version = fresh.version;
  const said = old.liveOn === "*" ? [] : [...new Set([...news].map(([name, one]) => words(name, one)))];
  if (said.length) tell("live:say", `${said.slice(0, 3).join(". ")}.`);
  return undefined;
});
