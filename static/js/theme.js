// Light or dark: the reader's choice, else the system's. Loaded before the first paint; without it, CSS follows the system.
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");

function kept() {
  try { return localStorage.getItem("theme"); } catch { return null; } // storage may be off
}

function keep(theme) {
  try { localStorage.setItem("theme", theme); } catch { /* then it lasts for this page */ }
}

function paint(theme) {
  root.dataset.bsTheme = theme;
}

function followSystem() {
  if (!kept()) paint(system.matches ? "dark" : "light");
}

paint(kept() || (system.matches ? "dark" : "light"));
system.addEventListener("change", followSystem);
document.addEventListener("click", (event) => {
  if (!event.target.closest(".js-theme")) return;
  const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  paint(theme);
  keep(theme);
});
