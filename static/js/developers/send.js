// <form data-trial>: its fields are a request. It is read, refused at the field that cannot be read, and sent; a deletion is
// asked about first. "playground:answered" (detail {fields, answer}) tells what came back.

const NAMES = ["method", "path", "query", "body"];
const PLACEHOLDER = "OBJECT_ID";
const form = () => document.querySelector("[data-trial]");
const dialog = () => document.querySelector("[data-sure]");
const fields = () => Object.fromEntries(NAMES.map((name) => [name, form().elements[name].value]));

function complain(name, text) {
  const field = form().elements[name];
  const told = document.getElementById(`${name}-error`);
  told.textContent = text;
  told.hidden = !text;
  if (!text) return field.removeAttribute("aria-invalid");
  field.setAttribute("aria-invalid", "true");
  return field.focus();
}

function parsed(text, what) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" && !Array.isArray(value) ? "" : `${what} is a JSON object: {"name": value}.`;
  } catch (error) {
    return `${what} is not valid JSON: ${error.message}`;
  }
}

function problemOfQuery(lines) {
  const odd = lines.find((line) => line.indexOf("=") < 1);
  if (odd) return `Each line is name=value: ${odd}`;
  const where = lines.find((line) => line.startsWith("where="));
  return where ? parsed(where.slice("where=".length), "where") : "";
}

/** Return {url, method, body}; nothing, after saying so at the field, when it cannot be read. */
function read({ method, path, query, body }) {
  const lines = query.split("\n").map((line) => line.trim()).filter(Boolean);
  const problems = {
    path: !/^\/[\w/.~-]*$/.test(path) ? "The path begins with / and has letters, digits and - . _ ~ only."
      : path.includes(PLACEHOLDER) ? `Put an objectId in place of ${PLACEHOLDER}, such as one from a list.` : "",
    query: method === "GET" ? problemOfQuery(lines) : "",
    body: ["POST", "PUT"].includes(method) && body.trim() ? parsed(body, "The body") : "",
  };
  for (const name of Object.keys(problems).reverse()) complain(name, problems[name]);
  if (Object.values(problems).some(Boolean)) return undefined;
  const pairs = method === "GET" ? lines.map((line) => line.split(/\s*=\s*(.*)/s, 2)) : [];
  const search = pairs.length ? `?${new URLSearchParams(pairs)}` : "";
  const url = document.querySelector("[data-playground]").dataset.parse + path + search;
  return { url, method, body: ["POST", "PUT"].includes(method) ? body.trim() || "{}" : undefined };
}

function send(isSure) {
  const typed = fields();
  const trial = form().hasAttribute("aria-busy") ? undefined : read(typed);
  if (!trial) return;
  if (trial.method === "DELETE" && !isSure) {
    dialog().querySelector("[data-sure-what]").textContent = `${trial.method} ${typed.path}`;
    dialog().returnValue = "";
    dialog().showModal();
    return;
  }
  form().setAttribute("aria-busy", "true");
  const answered = (answer) => {
    form().removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("playground:answered", { detail: { fields: typed, answer } }));
  };
  document.dispatchEvent(new CustomEvent("playground:call", { detail: { ...trial, answered } }));
}

document.addEventListener("submit", (event) => event.target === form() && (event.preventDefault(), send(false)));
document.addEventListener("close", ({ target }) => target === dialog() && target.returnValue === "yes" && send(true), true);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form().contains(event.target)) form().requestSubmit();
});
