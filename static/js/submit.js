// A second click on "Save" while the first is on its way does nothing.

const FORGET_MS = 10000;

const settle = (form) => {
  delete form.dataset.sending;
  form.removeAttribute("aria-busy");
};

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sending = "yes";
    form.setAttribute("aria-busy", "true");
    setTimeout(() => settle(form), FORGET_MS);
  },
  { capture: true },
);

const settleAll = () => document.querySelectorAll("form[data-sending]").forEach(settle);

window.addEventListener("pageshow", settleAll); // the page came back from the browser's cache
document.addEventListener("htmx:afterRequest", settleAll);
