// A page that says which record it shows (<main data-live-on="Deal:...">, "*" for whatever there is) is asked for again when
// somebody changes that, or a record that it links to. "live:page" hands on the answer: detail {news, status, text}.

const FAILED_MS = 5000;
const PATHS = { Deal: "deals", Contact: "contacts", Company: "companies", Activity: "activities" };
const main = () => document.querySelector("main[data-live-on]");
const here = () => location.href.replace(/#.*/, "");
const moment = (version) => Date.parse(version ?? "") || 0;
const tell = (what, detail) => document.dispatchEvent(new CustomEvent(what, { detail, cancelable: true }));
const wanted = new Map(); // "Deal:<objectId>": the last notice

function isLinked(name) {
  const [kind, id] = name.split(":");
  return document.querySelector(`[data-live-part] a[href*="/${PATHS[kind]}/${CSS.escape(id)}/"]`) !== null;
}

function isAbout({ class: name, id, about }) {
  const { liveOn } = main().dataset;
  return liveOn === "*" || [`${name}:${id}`, ...(about ?? [])].some((one) => one === liveOn || isLinked(one));
}

/** Tell whether the page shows a record as the notice has it. */
function isEcho({ class: name, id, version, what }) {
  if (what === "delete" || what === "gone") return false;
  const shown = document.querySelector(`[data-live-on="${name}:${CSS.escape(id)}"], [data-record="${name}:${CSS.escape(id)}"]`);
  return moment(shown?.dataset.version) >= moment(version);
}

function note(notice) {
  const name = `${notice.class}:${notice.id}`;
  const isNew = wanted.get(name)?.what === "create" && notice.what === "update";
  wanted.set(name, isNew ? { ...notice, what: "create" } : notice);
}

document.addEventListener("live:changes", ({ detail }) => {
  for (const notice of main() ? detail : []) if (isAbout(notice)) note(notice);
  if (wanted.size) tell("live:due");
});

document.addEventListener("live:take", ({ detail: { news, pks } }) => {
  for (const [name, notice] of wanted) {
    if (isEcho(notice)) continue;
    news.set(name, notice);
    pks.add(name);
  }
  wanted.clear();
});

document.addEventListener("live:follow", (event) => {
  if (!main()) return;
  event.preventDefault();
  const { news } = event.detail;
  const [url, began] = [here(), Date.now()];
  const answered = ({ status, text, elsewhere }) => {
    if (elsewhere && tell("unsaved")) return location.assign(elsewhere);
    const isOurs = [200, 403, 404].includes(status);
    const isDone = isOurs && url === here() && main() && tell("live:busy");
    if (isDone) tell("live:page", { news, status, text });
    else for (const [name, notice] of news) if (!wanted.has(name)) wanted.set(name, notice);
    tell(isOurs ? "live:done" : "live:failed");
    const end = () => tell("live:followed", { ...event.detail, isDone, took: Date.now() - began });
    return isOurs ? end() : setTimeout(end, FAILED_MS);
  };
  tell("request", { url, method: "GET", answered });
});
