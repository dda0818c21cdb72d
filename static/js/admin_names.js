// Names for what the admin's theme builds with scripts and leaves nameless: Select2's boxes, SimpleBar's regions.
// A classic script in the head, like the theme's own, so that it runs before they do.
(() => {
  const set = (element, name, value) => {
    if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
  };

  const nameOf = (select) =>
    (select.labels[0] || select.closest("div:has(> h3)")?.querySelector("h3"))?.textContent.trim().replace(/:?\s*\*?$/, "") ||
    select.getAttribute("aria-label") || select.name.replaceAll("_", " ");

  // A combobox must be named by its field, must not hold a text box, and points at its list with aria-controls.
  const nameBox = (container) => {
    const select = container.previousElementSibling;
    if (!select?.matches("select")) return;
    const name = nameOf(select);
    const box = container.querySelector("[role=combobox]");
    const value = container.querySelector(".select2-selection__rendered[role=textbox]");
    value?.removeAttribute("role");
    value?.removeAttribute("aria-readonly");
    if (box.hasAttribute("aria-labelledby")) box.removeAttribute("aria-labelledby");
    const chosen = container.querySelector(".select2-selection--single .select2-selection__rendered")?.title;
    set(box, "aria-label", chosen ? `${name}: ${chosen}` : name);
    const list = box.getAttribute("aria-owns");
    if (list) set(box, "aria-controls", list);
    else if (box.hasAttribute("aria-controls")) box.removeAttribute("aria-controls");
    set(container.querySelector("input"), "aria-label", name);
    for (const part of container.querySelectorAll("ul.select2-selection__rendered, ul.select2-selection__rendered > li")) {
      set(part, "role", "none");
    }
    if (list) {
      const options = document.getElementById(list);
      set(options, "aria-label", name);
      set(options?.closest(".select2-dropdown")?.querySelector("input"), "aria-label", `Search ${name}`);
    }
  };

  const nameAll = () => document.querySelectorAll(".select2-container").forEach(nameBox);

  document.addEventListener("DOMContentLoaded", () => {
    for (const region of document.querySelectorAll("[data-simplebar]")) {
      const where = region.closest("#nav-sidebar") ? "Classes" : region.closest("#changelist-filter") ? "Filters" : "Rows";
      set(region, "data-simplebar-aria-label", where);
    }
    // Select2 would put its lists outside of every landmark.
    for (const select of document.querySelectorAll("select")) set(select, "data-dropdown-parent", "#main");
    nameAll();
    new MutationObserver(nameAll).observe(document.body, {
      attributeFilter: ["aria-owns", "aria-labelledby", "title"],
      childList: true,
      subtree: true,
    });
  });
})();
