// Keeps a team's page true. One stream brings hints, each live element then asks for itself: docs/design/pages.md.
const SECOND = 1000;
const RENEW = 30 * SECOND; // a hint that was lost costs no more
const POLL = 10 * SECOND; // without a stream
const GRACE = 3 * SECOND; // a stream that breaks may come back unnoticed
const SILENT = 40 * SECOND; // it speaks every 15 s
const LONGEST = 10 * SECOND; // between two questions of one element, however slow the answers

const { stream, asked } = document.body.dataset;
const notes = { stale: document.getElementById("live-stale"), over: document.getElementById("live-over") };
const turns = new WeakMap(); // element -> when it asked last, how long the answer took, and what waits to ask again
let source = null;
let mark = asked; // up to when all hints have come, in the server's time
let heardAt = Date.now();
let aliveAt = Date.now();
let allAt = Date.now();
let openAt = 0;
let over = false;

function elements() {
  return document.querySelectorAll("[data-live][hx-get]");
}

function turn(element) {
  if (!turns.has(element)) turns.set(element, { at: 0, took: 0, timer: 0 });
  return turns.get(element);
}

// At most once a second, and a tenth of the time where answers are slow: many open pages may not hold up the server.
function ask(element) {
  const its = turn(element);
  if (its.timer) return;
  const pause = Math.min(LONGEST, Math.max(SECOND, 10 * its.took));
  its.timer = setTimeout(() => {
    its.timer = 0;
    its.at = Date.now();
    if (element.isConnected && !document.hidden && !over) element.dispatchEvent(new CustomEvent("live"));
  }, Math.max(0, its.at + pause - Date.now()));
}

function renew(topics) {
  const all = topics.includes("all");
  if (all) allAt = Date.now();
  for (const element of elements()) {
    if (all || element.dataset.live.split(/\s+/).some((topic) => topics.includes(topic))) ask(element);
  }
}

function heard(event) {
  heardAt = Date.now();
  if (event.lastEventId) mark = event.lastEventId;
}

function open() {
  openAt = Date.now();
  source = new EventSource(`${stream}?since=${mark}`);
  source.onopen = heard;
  source.addEventListener("pulse", heard);
  source.onmessage = (event) => {
    heard(event);
    renew(event.data.split(" "));
  };
}

function close() {
  source?.close();
  source = null;
}

function say(stale) {
  document.body.classList.toggle("is-stale", stale || over);
  notes.stale.hidden = over || !stale;
  notes.over.hidden = !over;
}

// A hidden tab rests. A browser gives up a stream that was refused, and cannot see one that is dead: both begin anew.
function tick() {
  const now = Date.now();
  if (over || document.hidden || !elements().length) {
    close();
    aliveAt = now;
    return;
  }
  const dead = source && (source.readyState === EventSource.CLOSED || now - heardAt > SILENT);
  if (dead && now - openAt >= POLL) close();
  if (!source) open();
  if (source.readyState === EventSource.OPEN && now - heardAt <= SILENT) aliveAt = now;
  const stale = now - aliveAt > GRACE;
  say(stale);
  if (now - allAt >= (stale ? POLL : RENEW)) renew(["all"]);
}

function isLive(event) {
  return event.detail.ctx.sourceElement.matches("[data-live][hx-get]");
}

document.addEventListener("htmx:before:request", (event) => {
  if (!isLive(event)) return;
  const element = event.detail.ctx.sourceElement;
  Object.assign(turn(element), { at: Date.now(), asked: element.getAttribute("hx-get") });
});

// An answer that is not this page again says why: signed out (a sign-in page), gone, or a server in trouble.
document.addEventListener("htmx:before:response", (event) => {
  if (!isLive(event)) return;
  const { raw } = event.detail.ctx.response;
  const element = event.detail.ctx.sourceElement;
  const its = turn(element);
  its.took = Date.now() - its.at;
  if (raw.ok && !raw.redirected) {
    // A filter was chosen meanwhile: it answers what nobody asks any more.
    if (its.asked !== element.getAttribute("hx-get")) event.preventDefault();
    const seen = notes.stale.querySelector("time");
    seen.dateTime = new Date().toISOString();
    seen.textContent = new Date().toLocaleTimeString("en-GB");
    return;
  }
  event.preventDefault();
  if (raw.status >= 500 || raw.status === 429) return;
  over = true;
  notes.over.querySelector("[data-signed-out]").hidden = !raw.redirected;
  notes.over.querySelector("[data-gone]").hidden = raw.redirected;
  close();
  say(false);
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) heardAt = Date.now();
  tick();
});
addEventListener("pagehide", close);
addEventListener("pageshow", tick);
setInterval(tick, SECOND);
