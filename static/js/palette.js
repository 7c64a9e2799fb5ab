// The command palette. htmx loads what is found; here one option is chosen, by arrows or pointer, and opened.
const palette = document.getElementById("palette");
const input = palette.querySelector("[role=combobox]");
const failure = document.getElementById("palette-failure");
let waiting = null; // the Enter that came before the answer to what was typed

function options() {
  return [...palette.querySelectorAll("[role=option]")];
}

function chosen() {
  return palette.querySelector("[role=option][aria-selected=true]");
}

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  option?.setAttribute("aria-selected", "true");
  input.setAttribute("aria-expanded", String(Boolean(option)));
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
}

function move(by) {
  const all = options();
  if (!all.length) return;
  const next = all[(all.indexOf(chosen()) + by + all.length) % all.length];
  choose(next);
  next.scrollIntoView({ block: "nearest" });
}

function isAnswered() {
  const typed = input.value.split(/\s+/).filter(Boolean).join(" ");
  return palette.querySelector("#palette-results").dataset.query === typed;
}

function go(newTab) {
  const option = chosen();
  if (!option) input.form.requestSubmit();
  else if (newTab) window.open(option.href);
  else option.click();
}

function find() {
  input.dispatchEvent(new CustomEvent("find"));
}

new MutationObserver(() => {
  if (!palette.open) return;
  input.select();
  find();
}).observe(palette, { attributeFilter: ["open"] });

// htmx begins a moment after these scripts: keys may have opened the palette before it listens.
input.addEventListener("htmx:after:init", () => { if (palette.open) find(); });

input.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    waiting = isAnswered() ? null : { newTab: event.ctrlKey || event.metaKey };
    if (!waiting) go(event.ctrlKey || event.metaKey);
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.sourceElement !== input) return;
  choose(options()[0]);
  if (!waiting || !isAnswered()) return;
  const { newTab } = waiting;
  waiting = null;
  go(newTab);
});

function fail() {
  waiting = null;
  palette.querySelector("#palette-results").replaceChildren(failure.content.cloneNode(true));
  choose(null);
}

document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx?.sourceElement === input && event.detail.error.name !== "AbortError") fail();
});

// An error page is no list of results, nor is the sign-in page to which a session that ended is redirected.
document.addEventListener("htmx:before:response", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (sourceElement !== input || (response.raw.ok && !response.raw.redirected)) return;
  event.preventDefault();
  fail();
});

palette.addEventListener("pointermove", (event) => {
  const option = event.target.closest("[role=option]");
  if (option && option !== chosen()) choose(option);
});

palette.addEventListener("click", (event) => {
  if (event.target.closest("[role=option]") && !event.ctrlKey && !event.metaKey) palette.close();
});
palette.addEventListener("close", () => { waiting = null; });
