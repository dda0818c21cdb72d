// <button data-copy="id">: copies the text that is shown in the element of this id.

const SAID_MS = 2000;

const shown = (element) => [...element.querySelectorAll("pre")].find((text) => text.checkVisibility());

async function copy(button) {
  const label = button.querySelector("[data-copy-label]");
  try {
    await navigator.clipboard.writeText(shown(document.getElementById(button.dataset.copy)).textContent);
    label.textContent = "Copied";
  } catch {
    label.textContent = "Select it, and copy by hand";
  }
  setTimeout(() => (label.textContent = "Copy"), SAID_MS);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-copy]");
  if (button) copy(button);
});
