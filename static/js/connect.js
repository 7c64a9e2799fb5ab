// Connecting a forge: the way to its token page follows the address that is typed, and of the scopes only those show that
// the chosen level needs. Without this module all of them show, and the page is named.
const place = document.querySelector("[data-token-page]");
const [link, words] = place.children;
const url = document.getElementById("id_url");
const level = document.getElementById("id_level");

function start(text) {
  if (!/^https?:\/\/./.test(text)) return null;
  return URL.parse(text)?.href.replace(/\/+$/, "") ?? null;
}

function followAddress() {
  const begin = start(url.value.trim());
  if (begin) link.href = begin + place.dataset.tokenPage;
  link.hidden = !begin;
  words.hidden = Boolean(begin);
}

function followLevel() {
  for (const scopes of document.querySelectorAll("[data-scopes]")) scopes.hidden = scopes.dataset.scopes !== level.value;
}

url.addEventListener("input", followAddress);
level.addEventListener("change", followLevel);
followAddress();
followLevel();
