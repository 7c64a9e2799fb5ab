// Keeps "41 s ago" true, in the words of show.py, which the page hands on, and puts the exact time in the browser's
// zone into the tooltip.
const AGES = [[86400, "day"], [3600, "h"], [60, "min"], [1, "s"]];
const words = document.documentElement.dataset;

function distance(seconds) {
  const length = Math.abs(seconds);
  if (length < 1) return words.now;
  const [unit, word] = AGES.find(([unit]) => length >= unit);
  const count = Math.floor(length / unit);
  const counted = word === "day" ? (count > 1 ? words.days : words.day) : `{count} ${word}`;
  const text = counted.replace("{count}", count.toLocaleString("en"));
  return (seconds > 0 ? words.ago : words.ahead).replace("{time}", text);
}

function exact(date) {
  return date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "long" });
}

function refresh() {
  const now = Date.now();
  for (const element of document.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    const title = exact(date);
    if (element.title !== title) element.title = title;
    if (!("ago" in element.dataset)) continue;
    const text = now > date && element.dataset.due || distance(Math.round((now - date) / 1000));
    if (element.textContent !== text) element.textContent = text;
  }
}

refresh();
setInterval(refresh, 1000);
