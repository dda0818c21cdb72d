// OBJECT_ID in a path becomes an objectId that this page has met: to change and delete, only of what was made here.

const PLACEHOLDER = "OBJECT_ID";
const met = {};
const made = {};

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fill() {
  const form = document.querySelector("[data-trial]");
  const [path, method] = [form.elements.path, form.elements.method.value];
  const collection = path.value.replace(`/${PLACEHOLDER}`, "");
  const pk = made[collection] ?? (method === "GET" ? met[collection] : undefined);
  if (!pk || collection === path.value) return;
  path.value = `${collection}/${pk}`;
  path.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("playground:answered", ({ detail: { fields, answer } }) => {
  const { method, path } = fields;
  const found = answer.status < 300 ? parsed(answer.text) : undefined;
  const first = found?.results?.[0]?.objectId;
  if (method === "GET" && first) met[path] = first;
  if (method === "POST" && found?.objectId) made[path] = found.objectId;
  if (method === "DELETE" && found) for (const [name, pk] of Object.entries(made)) if (path === `${name}/${pk}`) delete made[name];
});
document.addEventListener("htmx:afterSettle", ({ target }) => {
  if (target.id !== "trial") return;
  fill();
  target.querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
});
