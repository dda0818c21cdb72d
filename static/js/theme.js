// The theme button: system, light, dark. The choice is a cookie, which the server writes into <html>.

const choices = ["system", "light", "dark"];

const chosen = () => document.documentElement.dataset.theme ?? "system";

function label() {
  for (const text of document.querySelectorAll("[data-theme-label]")) text.textContent = `Theme: ${chosen()}`;
}

function choose(theme) {
  const age = theme === "system" ? 0 : 60 * 60 * 24 * 365;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax${secure}`;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  label();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-toggle]")) return;
  choose(choices[(choices.indexOf(chosen()) + 1) % choices.length]);
});

label();
