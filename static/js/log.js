// The logs of a job (templates/runners/jobs/log_card.html): tabs, new lines while somebody looks, follow mode, and links
// to lines. All of a log is text of strangers: it goes into text nodes, and into nothing else.
const TICK = 500;
const RETRY = 10; // seconds after an answer that could not be read
const PATIENCE = 20_000; // for one answer
const NEAR = 24; // pixels from the end of a log that count as its end
const MOST = 20_000; // lines that are kept
const COMPARED = 1_000_000; // lines, to find where a log goes on that has lost its beginning
const PLACE = /^#([LV])(\d+)(?:-[LV]?(\d+))?$/;
const STEPS = { ArrowUp: -1, ArrowDown: 1 };

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

class Panel {
  constructor(node, card) {
    this.node = node;
    this.card = card;
    this.name = node.dataset.logPanel;
    this.letter = node.dataset.letter;
    this.view = node.querySelector(".log-view");
    this.list = node.querySelector(".log-lines");
    this.note = node.querySelector("[data-log-note]");
    this.button = node.querySelector("[data-log-follow]");
    this.before = 0; // lines before the first that is there
    this.rows = null; // what each line was made of, to find where a log goes on; null before the first answer
    this.next = 0; // when to ask again, as Date.now() counts; Infinity once nothing comes
    this.asking = false;
    this.live = false;
    this.follows = true;
    this.top = 0;
    this.view.addEventListener("scroll", () => this.scrolled());
    this.button.addEventListener("click", () => this.follow());
    this.list.addEventListener("click", (event) => this.clicked(event));
    this.list.addEventListener("keydown", (event) => this.walked(event));
  }

  get shown() {
    return !this.node.hidden;
  }

  async ask() {
    this.asking = true;
    try {
      const after = this.rows ? this.before + this.rows.length : 0;
      const answer = await fetch(`${this.node.dataset.lines}&after=${after}`, {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE),
      });
      if (answer.redirected || answer.status === 404) this.next = Infinity; // signed out, or gone
      else if (answer.ok) this.take(await answer.json());
      else throw new Error(answer.status);
    } catch {
      this.next = Date.now() + RETRY * 1000;
    } finally {
      this.asking = false;
    }
  }

  take(answer) {
    this.next = answer.again === null ? Infinity : Date.now() + answer.again * 1000;
    this.live = answer.again !== null && !answer.ended && !answer.note;
    this.note.hidden = !answer.note;
    this.note.firstElementChild.textContent = answer.note;
    this.node.querySelector("[data-log-cut]").hidden = answer.whole || this.name !== "job";
    this.add(answer);
    if (this.shown) this.card.tell(this);
    this.offer();
    if (answer.begun && "logSwitches" in this.card.node.dataset) this.card.pick("job");
  }

  add(answer) {
    const first = this.rows === null;
    const rows = answer.lines.map((line) => JSON.stringify(line));
    const goesOn = !first && answer.whole && answer.from === this.before + this.rows.length;
    const start = first || answer.whole ? 0 : this.overlap(rows); // of what is new in the answer
    if (!goesOn && !start) this.clear(answer.from);
    const before = this.before + this.rows.length;
    const made = answer.lines.slice(start).map((line, n) => this.line(line, before + n + 1));
    this.rows.push(...rows.slice(start));
    this.list.append(...made);
    this.trim();
    if (first && this.arrive()) return;
    if (this.follows && made.length) this.toEnd();
    if (made.length) this.node.dispatchEvent(new CustomEvent("log:lines", { bubbles: true }));
  }

  clear(before) {
    this.before = before;
    this.rows = [];
    this.list.replaceChildren();
  }

  // How many of these rows are there already: a log that lost its beginning begins with one of them.
  overlap(rows) {
    let compared = 0;
    for (let start = 0; start < this.rows.length; start += 1) {
      const length = this.rows.length - start;
      if (length > rows.length) continue;
      let same = 0;
      while (same < length && this.rows[start + same] === rows[same]) same += 1;
      if (same === length) return length;
      compared += same + 1;
      if (compared > COMPARED) return 0;
    }
    return 0;
  }

  trim() {
    const over = this.rows.length - MOST;
    if (over <= 0) return;
    this.rows.splice(0, over);
    this.before += over;
    for (let n = 0; n < over; n += 1) this.list.firstElementChild.remove();
  }

  line([time, mark, spans, leftOut], number) {
    const made = element("li", mark && `is-${mark}`);
    made.id = `${this.letter}${number}`;
    const link = element("a", "", String(number));
    link.href = `#${made.id}`;
    link.tabIndex = -1; // arrows go from line to line: no one should have to walk ten thousand
    const text = element("span");
    for (const [look, said] of spans) text.append(look ? element("span", look, said) : said);
    if (leftOut) {
      const count = leftOut.toLocaleString("en");
      text.append(" ", element("em", "log-more", this.card.node.dataset.more.replace("{count}", count)));
    }
    made.append(link, element("span", "log-time", time), text);
    return made;
  }

  // Follow mode: it ends when the reader scrolls up, and begins again at the end.

  scrolled() {
    const { scrollTop } = this.view;
    if (scrollTop < this.top - 1) this.follows = false;
    if (this.atEnd) this.follows = true;
    this.top = scrollTop;
    this.offer();
  }

  get atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.view;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  toEnd() {
    this.view.scrollTop = this.view.scrollHeight;
    this.top = this.view.scrollTop;
  }

  follow() {
    this.follows = true;
    this.toEnd();
    this.view.focus({ preventScroll: true });
    this.offer();
  }

  stay() {
    this.follows = false;
    this.offer();
  }

  offer() {
    this.button.hidden = !this.live || this.follows;
  }

  // Links to lines: #L12, or #L12-L20 by a click with shift held.

  clicked(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const number = Number(link.textContent);
    const [from] = event.shiftKey && this.marked ? this.marked : [number];
    const [low, high] = [Math.min(from, number), Math.max(from, number)];
    const place = low === high ? `#${this.letter}${low}` : `#${this.letter}${low}-${this.letter}${high}`;
    history.replaceState(null, "", place);
    this.mark(low, high);
    link.focus({ preventScroll: true });
  }

  walked(event) {
    const step = STEPS[event.key];
    const line = step && event.target.closest("li");
    const next = line && (step > 0 ? line.nextElementSibling : line.previousElementSibling);
    if (!next) return;
    event.preventDefault();
    this.enter(next);
    next.firstElementChild.focus();
  }

  // The one line whose link the Tab key reaches.
  enter(line) {
    const before = this.list.querySelector("a[tabindex='0']");
    if (before) before.tabIndex = -1;
    line.firstElementChild.tabIndex = 0;
  }

  mark(low, high) {
    for (const line of this.list.querySelectorAll(".is-marked")) line.classList.remove("is-marked");
    this.marked = [low, high];
    let first = null;
    for (let number = low; number <= high; number += 1) {
      const line = document.getElementById(`${this.letter}${number}`);
      if (!line) continue;
      first ??= line;
      line.classList.add("is-marked");
    }
    if (first) this.enter(first);
    return first;
  }

  // To the line that the address names, if it is here.
  arrive() {
    const [, letter, low, high] = PLACE.exec(location.hash) ?? [];
    if (letter !== this.letter) return false;
    const line = this.mark(Number(low), Math.min(Number(high ?? low), Number(low) + MOST));
    if (!line) return false;
    this.stay();
    this.view.scrollTop = line.offsetTop - this.view.clientHeight / 3;
    this.view.scrollIntoView({ block: "nearest" });
    return true;
  }
}

class Card {
  constructor(node) {
    this.node = node;
    this.panels = [...node.querySelectorAll("[data-log-panel]")].map((panel) => new Panel(panel, this));
    this.tabs = [...node.querySelectorAll("[data-log-tab]")];
    this.times = node.querySelector("[data-log-times]");
    this.seen = false;
    new IntersectionObserver((found) => {
      this.seen = found.at(-1).isIntersecting;
      tick();
    }, { rootMargin: "300px" }).observe(node);
    this.makeTabs();
    this.times.addEventListener("click", () => {
      const on = node.classList.toggle("with-times");
      this.times.setAttribute("aria-pressed", on);
    });
    node.addEventListener("log:stay", () => this.panel.stay());
    this.goTo();
  }

  get panel() {
    return this.panels.find((panel) => panel.shown);
  }

  makeTabs() {
    this.tabs[0].closest("ul").setAttribute("role", "tablist");
    for (const tab of this.tabs) {
      tab.closest("li").setAttribute("role", "presentation");
      tab.setAttribute("role", "tab");
      tab.removeAttribute("aria-current");
      tab.setAttribute("aria-controls", `log-${tab.dataset.logTab}`);
      tab.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.pick(tab.dataset.logTab);
      });
      tab.addEventListener("keydown", (event) => this.turn(event));
    }
    for (const { node, name } of this.panels) {
      node.setAttribute("role", "tabpanel");
      node.setAttribute("aria-labelledby", `log-tab-${name}`);
    }
    this.choose(this.node.dataset.log);
  }

  turn(event) {
    const count = this.tabs.length;
    const at = this.tabs.indexOf(event.currentTarget);
    const to = { ArrowLeft: at + count - 1, ArrowRight: at + 1, Home: 0, End: count - 1, " ": at }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = this.tabs[to % count];
    this.pick(tab.dataset.logTab);
    tab.focus();
  }

  // The reader's own choice, which stays.
  pick(name) {
    delete this.node.dataset.logSwitches;
    this.choose(name);
  }

  choose(name) {
    for (const tab of this.tabs) {
      const on = tab.dataset.logTab === name;
      tab.setAttribute("aria-selected", on);
      tab.tabIndex = on ? 0 : -1;
    }
    for (const panel of this.panels) panel.node.hidden = panel.name !== name;
    for (const link of this.node.querySelectorAll("[data-log-file], [data-log-page]")) {
      link.href = (link.dataset.logFile ?? link.dataset.logPage) + name;
    }
    if (this.panel.rows && this.panel.follows) this.panel.toEnd();
    this.tell(this.panel);
    this.node.dispatchEvent(new CustomEvent("log:lines", { bubbles: true }));
    tick();
  }

  // What the head says of the log that is shown.
  tell(panel) {
    this.node.querySelector(".log-live").hidden = !panel.live;
    this.times.hidden = !panel.list.querySelector(".log-time:not(:empty)");
  }

  // To the line in the address; with its log not there yet, once it is.
  goTo() {
    const [, letter] = PLACE.exec(location.hash) ?? [];
    const panel = this.panels.find((each) => each.letter === letter);
    if (!panel) return;
    this.pick(panel.name);
    this.node.scrollIntoView({ block: "nearest" });
    if (panel.rows) panel.arrive();
  }
}

let cards = [];

function begin() {
  cards = cards.filter((card) => card.node.isConnected);
  for (const node of document.querySelectorAll("[data-log]:not([data-ready])")) {
    node.dataset.ready = "";
    cards.push(new Card(node));
  }
}

// A log is read while somebody looks: at a page that is in front, and at a card that is on the screen.
function tick() {
  if (document.hidden) return;
  for (const { seen, panel } of cards) {
    if (seen && panel && !panel.asking && Date.now() >= panel.next) panel.ask();
  }
}

begin();
document.addEventListener("htmx:after:swap", begin);
document.addEventListener("visibilitychange", tick);
addEventListener("hashchange", () => { for (const card of cards) card.goTo(); });
setInterval(tick, TICK);
