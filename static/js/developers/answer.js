// "playground:shown" (detail: an answer) and "playground:answered": what came back, as text. Long answers are cut.

const MOST = 200_000;
const part = (name) => document.querySelector(`[data-answer-${name}]`);

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const sized = (bytes) => (bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0)} kB`);

function show(answer) {
  const text = answer.problem ?? pretty(answer.text);
  const status = part("status");
  status.textContent = answer.problem ? "No answer" : `${answer.status} ${answer.reason}`.trim();
  status.className = `badge tone-${!answer.problem && answer.status < 400 ? "good" : "bad"}`;
  part("facts").textContent = answer.problem ? "" : `${answer.ms} ms · ${sized(answer.size)}`;
  part("headers").textContent = (answer.headers ?? []).map(([name, value]) => `${name}: ${value}`).join("\n");
  part("headers").closest("details").hidden = !answer.headers?.length;
  part("body").textContent = text.slice(0, MOST);
  part("body").classList.toggle("is-problem", Boolean(answer.problem));
  part("cut").hidden = text.length <= MOST;
  part("cut").textContent = `Cut here: ${text.length - MOST} more characters came.`;
  part("none").hidden = true;
  part("some").hidden = false;
  part("status").closest("section").scrollIntoView({ block: "nearest" });
  document.dispatchEvent(new CustomEvent("playground:json", { detail: part("body") }));
}

document.addEventListener("playground:answered", ({ detail }) => show(detail.answer));
document.addEventListener("playground:shown", ({ detail }) => show(detail));
