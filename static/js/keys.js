// The keyboard: Ctrl or ⌘ K searches everything, / this page, ? lists the keys, j and k go from row to row.
const LINKS = "[data-rows] tbody th[scope=row] a";
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);

const palette = document.getElementById("palette");
const keys = document.getElementById("keys");

// Each returns whether the page has what its key is for.
function searchPage() {
  const field = document.querySelector("[data-search]");
  field?.focus();
  return Boolean(field) || searchAll();
}

function searchAll() {
  palette?.showModal();
  return Boolean(palette);
}

function listKeys() {
  keys?.showModal();
  return Boolean(keys);
}

function step(by) {
  const links = [...document.querySelectorAll(LINKS)];
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
  links[Math.min(Math.max(next, 0), links.length - 1)]?.focus();
  return links.length > 0;
}

const KEYS = { "/": searchPage, "?": listKeys, j: () => step(1), k: () => step(-1) };

function command(open) {
  if (!palette) return searchPage();
  if (!open) return searchAll();
  if (open === palette) palette.close();
  return open === palette;
}

document.addEventListener("keydown", (event) => {
  const open = document.querySelector("dialog[open]");
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  if (modified) {
    const isCommand = !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    if (isCommand && command(open)) event.preventDefault();
    return;
  }
  const typing = open || event.target.closest("input, select, textarea, [contenteditable]");
  if (!typing && event.key in KEYS && KEYS[event.key]()) event.preventDefault();
});

if (MAC) {
  for (const key of document.querySelectorAll("[data-command]")) key.textContent = `⌘ ${key.dataset.command}`;
}
