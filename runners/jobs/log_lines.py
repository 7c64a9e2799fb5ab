"""The lines of a log as pages show them: their time, what the engine says they are, and their text with its colors."""

import re
from dataclasses import dataclass
from itertools import islice

from tfci.core.terminal import Look, Pen, Span, skip, spans

MAX_LINES = 10_000  # lines that a page shows
WIDEST = 8_000  # characters of one of them
RAW = 8 * WIDEST  # characters of a line that are looked at, with those of its colors
TIME = re.compile(r"\ufeff?\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d) ?")
# How engines of Actions mark a line, in the log of a forge and in what a job writes itself.
MARK = re.compile(
    r"(?:##\[(group|endgroup|error|warning|notice|debug|command|section)\])"
    r"|(?:::(group|endgroup|error|warning|notice|debug)(?: [^:]{0,500})?::)"
)


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line. `mark`: as the engine marked it, like "error"; "" for most. `left_out`: characters of its end that are
    not shown."""

    time: str
    mark: str
    spans: list[Span]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class LogPart:
    """Some lines of a log, `before` others."""

    lines: list[TextLine]
    before: int = 0


def part(text: str, *, after: int = 0, ended: bool = True) -> LogPart:
    """What comes after so many lines, or the whole log where it has fewer; of either the last MOST lines. The last line
    of a log that has not `ended` is shown once it is complete."""
    rows = text.split("\n")
    last = rows.pop()
    if ended and last:
        rows.append(last)
    before = max(after if after <= len(rows) else 0, len(rows) - MAX_LINES)
    pen = Pen()
    for row in islice(rows, before):
        if "\x1b" in row:
            skip(row, pen)
    return LogPart([_line(row, pen) for row in islice(rows, before, None)], before)


def _line(row: str, pen: Pen) -> TextLine:
    time = TIME.match(row)
    start = time.end() if time else 0
    mark = MARK.match(row, start)
    start = mark.end() if mark else start
    shown, left_out = _cut(spans(row[start : start + RAW], pen))
    if len(row) - start > RAW:
        left_out += len(row) - start - RAW
        pen.look = Look()
    return TextLine(time[1] if time else "", (mark[1] or mark[2]) if mark else "", shown, left_out)


def _cut(found: list[Span]) -> tuple[list[Span], int]:
    """The first WIDEST characters, and how many there are besides."""
    shown: list[Span] = []
    room = WIDEST
    for look, text in found:
        if room > 0:
            shown.append((look, text[:room]))
        room -= len(text)
    return shown, max(0, -room)
