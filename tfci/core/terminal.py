"""What programs write for a terminal, as plain text with looks. Pure.

Colors and weights become names of CSS classes (static/css/log.css); all other control sequences and characters are left
out. Whoever writes a log may be hostile: the work grows with its length alone, and none of its text becomes a name.
"""

import functools
import re
from dataclasses import dataclass
from typing import NamedTuple

SEQUENCE = re.compile(
    r"\x1b\[([0-9;:]*)m"  # a color or weight
    r"|\x1b\[[0-?]*[ -/]*[@-~]?"  # the cursor and the screen
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links, and other strings
    r"|\x1b[ -/]*[0-~]?"
)
# Control characters but tabs; and those that turn, or break, a line unseen.
UNSEEN = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
CODES = 200  # characters of one color sequence that are read
CHANGES = 100_000  # of how text looks, in one log
REMEMBERED = 2000  # looks, and how one comes after another

WEIGHTS = {1: "b", 2: "d", 3: "i", 4: "u", 7: "v", 9: "s"}  # bold, dim, italic, underlined, inverse, struck
ENDS = {22: "bd", 23: "i", 24: "u", 27: "v", 29: "s"}
FOREGROUND, BACKGROUND = "f", "g"
PLACES = {30: (FOREGROUND, 0), 40: (BACKGROUND, 0), 90: (FOREGROUND, 8), 100: (BACKGROUND, 8)}
MORE = {38: FOREGROUND, 48: BACKGROUND}  # a color of 256 or of 16 million follows
DEFAULTS = {39: FOREGROUND, 49: BACKGROUND}
CUBE = (0, 95, 135, 175, 215, 255)
GRAY = 48  # a color whose parts differ by less

Span = tuple[str, str]  # the classes of a text, and the text


class Look(NamedTuple):
    """How text looks."""

    weights: frozenset[str] = frozenset()
    colors: frozenset[tuple[str, int]] = frozenset()


@dataclass(slots=True)
class Pen:
    """How text looks from here on, across lines: a terminal forgets a color only when it is told to. `changes`: how
    often that may change, before the rest is plain."""

    look: Look = Look()
    changes: int = CHANGES

    def obey(self, codes: str) -> None:
        self.changes -= 1
        self.look = _after(self.look, codes[:CODES]) if self.changes > 0 else Look()


def spans(line: str, pen: Pen) -> list[Span]:
    """One line without its end. What a carriage return writes over is left out."""
    if "\x1b" not in line or pen.changes <= 0:
        text = _seen(SEQUENCE.sub("", line).rstrip("\r").rpartition("\r")[2])
        return [(_names(pen.look), text)] if text else []
    found: list[Span] = []
    pieces = SEQUENCE.split(line.rstrip("\r"))  # text, codes, text, codes, text
    for text, codes in zip(pieces[::2], [*pieces[1::2], None], strict=True):
        if "\r" in text:
            found.clear()
            text = text.rpartition("\r")[2]
        if text and (text := _seen(text)):
            found.append((_names(pen.look), text))
        if codes is not None:
            pen.obey(codes)
    return found


def skip(line: str, pen: Pen) -> None:
    """A line that is not shown changes how the next ones look."""
    for found in SEQUENCE.finditer(line):
        if found[1] is not None:
            pen.obey(found[1])


@functools.lru_cache(REMEMBERED)
def _names(look: Look) -> str:
    """Its classes: "b f1" is bold and red."""
    return " ".join([*sorted(look.weights), *(f"{place}{n}" for place, n in sorted(look.colors))])


@functools.lru_cache(REMEMBERED)
def _after(look: Look, codes: str) -> Look:
    """How text looks after one color sequence."""
    weights, colors = set(look.weights), dict(look.colors)
    numbers = iter([_number(code) for code in re.split("[;:]+", codes)])
    for number in numbers:
        if number == 0:
            weights.clear()
            colors.clear()
        elif number in WEIGHTS:
            weights.add(WEIGHTS[number])
        elif number in ENDS:
            weights -= {*ENDS[number]}
        elif number in DEFAULTS:
            colors.pop(DEFAULTS[number], None)
        elif number in MORE:
            kind = next(numbers, 0)
            parts = [next(numbers, 0) for _ in range({5: 1, 2: 3}.get(kind, 0))]
            if parts:
                colors[MORE[number]] = _of_256(parts[0]) if kind == 5 else nearest(*parts)
        elif (found := PLACES.get(number - number % 10)) and number % 10 < 8:
            place, brighter = found
            colors[place] = number % 10 + brighter
    return Look(frozenset(weights), frozenset(colors.items()))


def nearest(red: int, green: int, blue: int) -> int:
    """Which of the 16 colors a color is taken for: only these are readable on light and dark."""
    high, low = max(red, green, blue), min(red, green, blue)
    if high - low < GRAY:
        return 8 if high < 85 else 7 if high < 170 else 15
    middle = (high + low) / 2
    color = (red > middle) + 2 * (green > middle) + 4 * (blue > middle)
    return color + 8 * (high > 200)


def _of_256(number: int) -> int:
    if number < 16:
        return number
    if number >= 232:
        return nearest(*[8 + 10 * (min(number, 255) - 232)] * 3)
    red, rest = divmod(number - 16, 36)
    return nearest(CUBE[red], CUBE[rest // 6], CUBE[rest % 6])


def _number(code: str) -> int:
    """Of nothing it is zero, as terminals have it; what no code can be is none."""
    return int(code or 0) if len(code) <= 3 else -1


def _seen(text: str) -> str:
    return UNSEEN.sub("", text)
