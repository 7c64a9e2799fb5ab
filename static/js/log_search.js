// Search in a job's log: lines with the words are marked, and Enter goes from one to the next. js/log.js has the log.
const PAUSE = 150; // after a key
const PAINTED = 2000; // lines in which the words themselves are marked

const found = new WeakMap(); // card -> {words, lines, at}
let timer = 0;

function parts(card) {
  return {
    field: card.querySelector("[data-search]"),
    said: card.querySelector("[data-log-found]"),
    steps: card.querySelectorAll("[data-log-step]"),
  };
}

// Where the words are in a line: its text is spread over text nodes, one for each color.
function ranges(text, words) {
  const nodes = [];
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let start = 0; walker.nextNode(); start += walker.currentNode.length) {
    nodes.push({ node: walker.currentNode, start });
  }
  const whole = text.textContent.toLowerCase();
  let n = 0;
  const place = (at) => {
    while (nodes[n + 1]?.start <= at) n += 1;
    return [nodes[n].node, Math.min(at - nodes[n].start, nodes[n].node.length)];
  };
  const made = [];
  for (let at = whole.indexOf(words); at >= 0; at = whole.indexOf(words, at + words.length)) {
    const range = new Range();
    range.setStart(...place(at));
    range.setEnd(...place(at + words.length));
    made.push(range);
  }
  return made;
}

function paint(lines, words) {
  if (!CSS.highlights) return;
  const all = words ? lines.slice(0, PAINTED).flatMap((line) => ranges(line.lastElementChild, words)) : [];
  CSS.highlights.set("log-search", new Highlight(...all));
}

function say(card) {
  const { said, steps } = parts(card);
  const { words, lines, at } = found.get(card);
  const { found: some, none } = card.dataset;
  const count = lines.length.toLocaleString("en");
  said.textContent = !words ? "" : lines.length ? some.replace("{at}", at + 1).replace("{count}", count) : none;
  for (const step of steps) step.hidden = lines.length < 2;
}

function search(card, { keep = false } = {}) {
  const words = parts(card).field.value.trim().toLowerCase();
  const before = found.get(card);
  if (!words && !before?.words) return;
  for (const line of card.querySelectorAll(".log-lines > .is-hit")) line.classList.remove("is-hit", "is-at");
  const all = words ? [...card.querySelectorAll(".log-panel:not([hidden]) .log-lines > li")] : [];
  const lines = all.filter((line) => line.lastElementChild.textContent.toLowerCase().includes(words));
  for (const line of lines) line.classList.add("is-hit");
  const now = keep && before ? lines.indexOf(before.lines[before.at]) : -1;
  found.set(card, { words, lines, at: Math.max(now, 0) });
  paint(lines, words);
  if (now < 0 && lines.length && !keep) go(card, 0);
  else {
    lines[Math.max(now, 0)]?.classList.add("is-at");
    say(card);
  }
}

function go(card, step) {
  const its = found.get(card);
  if (!its?.lines.length) return;
  its.lines[its.at].classList.remove("is-at");
  its.at = (its.at + step + its.lines.length) % its.lines.length;
  const line = its.lines[its.at];
  line.classList.add("is-at");
  card.dispatchEvent(new CustomEvent("log:stay"));
  const view = line.closest(".log-view");
  view.scrollTop = line.offsetTop - view.clientHeight / 3;
  say(card);
}

document.addEventListener("input", (event) => {
  const card = event.target.matches("[data-search]") && event.target.closest("[data-log]");
  if (!card) return;
  clearTimeout(timer);
  timer = setTimeout(search, PAUSE, card);
});

document.addEventListener("keydown", (event) => {
  const card = event.target.matches("[data-search]") && event.target.closest("[data-log]");
  if (!card || event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  clearTimeout(timer);
  if (event.key === "Escape") event.target.value = "";
  if (event.target.value.trim().toLowerCase() !== (found.get(card)?.words ?? "")) search(card);
  else go(card, event.shiftKey ? -1 : 1);
});

document.addEventListener("click", (event) => {
  const step = event.target.closest("[data-log-step]");
  if (step) go(step.closest("[data-log]"), Number(step.dataset.logStep));
});

document.addEventListener("log:lines", (event) => search(event.target.closest("[data-log]"), { keep: true }));
