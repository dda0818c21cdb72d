// GraphiQL in [data-graphiql]. The site tells it the schema, which the API tells to the master key only; all else is asked by
// "playground:call". What it would keep in the browser is kept in this page's memory.

const SCHEMA = "IntrospectionQuery";
const frame = document.querySelector("[data-graphiql]");
const root = ReactDOM.createRoot(frame);
const dark = matchMedia("(prefers-color-scheme: dark)");
const kept = new Map();
const storage = {
  getItem: (name) => kept.get(name) ?? null,
  setItem: (name, text) => kept.set(name, text),
  removeItem: (name) => kept.delete(name),
  clear: () => kept.clear(),
  get length() {
    return kept.size;
  },
};

// Its dialogs make an element <style>, which needs the nonce of the page's policy.
globalThis.__webpack_nonce__ = document.querySelector("script[nonce]").nonce;

/** Give an editor its name, let keys reach it and scroll it, and measure it where it stands by now. */
function settle(editor) {
  const field = editor.CodeMirror.getInputField();
  field.setAttribute("aria-label", editor.closest("[aria-label]").getAttribute("aria-label"));
  editor.querySelector(".CodeMirror-scroll").tabIndex = 0;
  editor.CodeMirror.refresh();
}

async function schema() {
  const data = await (await fetch(frame.dataset.schema)).json();
  frame.querySelectorAll(".CodeMirror").forEach(settle);
  return { data };
}

const asked = (body) =>
  new Promise((answered) => {
    const detail = { url: frame.dataset.graphiql, method: "POST", body: JSON.stringify(body), answered };
    document.dispatchEvent(new CustomEvent("playground:call", { detail }));
  });

async function fetcher({ query, operationName, variables }) {
  if (operationName === SCHEMA) return schema();
  const { problem, text } = await asked({ query, operationName, variables });
  return problem ? { errors: [{ message: problem }] } : JSON.parse(text);
}

function draw() {
  const query = document.querySelector("[data-query]").textContent;
  const forcedTheme = document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");
  const options = { fetcher, storage, query, forcedTheme, isHeadersEditorEnabled: false };
  root.render(React.createElement(GraphiQL, options));
}

dark.addEventListener("change", draw);
new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
document.addEventListener("htmx:afterSettle", ({ target }) => target.id === "trial" && draw());
draw();
