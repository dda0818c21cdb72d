// The pipeline: the open deals by stage, with number and sum, and where each can be moved.

import config from "../config.js";
import { draw, fill, say } from "./dom.js";
import { deals, isOpen, MOST } from "./lists.js";
import { move, stageOf } from "./outbox.js";
import { sync } from "./sync.js";

const columns = document.querySelector("[data-columns]");
const more = document.querySelector("[data-more]");
const stages = config.stages.map(({ key, ...rest }) => ({ id: key, ...rest }));
const sum = new Intl.NumberFormat(undefined, { style: "currency", currency: config.currency, maximumFractionDigits: 0 });
const byAmount = (one, other) => (other.get("amount") ?? 0) - (one.get("amount") ?? 0);

export const labelOf = (stage) => stages.find(({ id }) => id === stage)?.label ?? stage ?? "no stage";

function card(element, deal) {
  const stage = stageOf(deal);
  const amount = deal.get("amount");
  const names = [deal.get("company")?.get("name"), deal.get("contact")?.get("name")].filter(Boolean);
  const isNew = !element.dataset.stage;
  fill(element, { title: deal.get("title"), about: names.join(" · "), amount: amount == null ? "" : sum.format(amount) });
  const select = element.querySelector("select");
  if (isNew) select.append(...stages.map(({ id, label }) => new Option(label, id)));
  if (element.dataset.stage !== stage) select.value = stage; // a choice that was begun stays
  element.dataset.stage = stage;
  select.setAttribute("aria-label", `Move ${deal.get("title")} to`);
  element.querySelector("[data-move] button").hidden = select.value === stage;
  const call = element.querySelector("[data-call]");
  call.dataset.call = `Deal ${deal.id}`;
  call.setAttribute("aria-label", `Log a call about ${deal.get("title")}`);
}

/** Show all columns. */
export function render() {
  const all = deals.all().sort(byAmount);
  more.hidden = all.length < MOST;
  more.textContent = `Shown and added up are the ${MOST} deals that were changed last.`;
  draw(columns, "column", stages.filter(({ id }) => isOpen(id)), (element, { id, label }) => {
    const mine = all.filter((deal) => stageOf(deal) === id);
    const total = mine.reduce((before, deal) => before + (deal.get("amount") ?? 0), 0);
    element.dataset.stage = id;
    fill(element, { label, count: String(mine.length), sum: sum.format(total) });
    draw(element.querySelector("ul"), "deal", mine, card);
  });
}

function onMove(event) {
  const form = event.target.closest("[data-move]");
  if (!form) return;
  event.preventDefault();
  const { key } = form.closest("[data-key]").dataset;
  const { value } = form.elements.stage;
  move(deals.find(key), value);
  render(); // now, so that the focus goes to where the card is
  say(`${deals.find(key).get("title")} is in ${labelOf(value)} now.`);
  const next = columns.querySelector(`li[data-key="${key}"] select`) ?? document.querySelector("#pipeline h2");
  next.focus();
  sync();
}

columns.addEventListener("submit", onMove);
columns.addEventListener("change", ({ target }) => {
  const { stage } = target.closest("li").dataset;
  target.form.querySelector("button").hidden = target.value === stage;
});
