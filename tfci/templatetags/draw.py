"""How drawings are measured: SVG attributes in percent of an axis or of a box, never an inline style."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import qrcode
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
TICKS = 6  # at most
NARROWEST = 0.5  # percent: what took no time is seen all the same


@dataclass(frozen=True, slots=True)
class Axis:
    """Time from left to right."""

    start: datetime
    length: float  # seconds

    def at(self, moment: datetime) -> float:
        """Percent from the left."""
        share = (moment - self.start).total_seconds() / self.length
        return 100 * min(max(share, 0), 1)

    @property
    def ticks(self) -> list[tuple[str, str, str]]:
        """Where, what is written there, and how it is anchored."""
        step = next((step for step in STEPS if self.length / step <= TICKS), 86400)
        marks = [(n * step, 100 * n * step / self.length) for n in range(int(self.length / step) + 1)]
        return [(percent(x), tick_label(s, step), "middle" if s else "start") for s, x in marks if x < 96]


def tick_label(seconds: float, step: float) -> str:
    """A tick of those that many seconds apart, in one unit for all that comes out even: 0, 20 s, 80 s, 1.5 min, 2 h."""
    for unit, word in ((3600, "h"), (60, "min")):
        if seconds >= unit and not 2 * step % unit:
            return f"{seconds / unit:g} {word}"
    return f"{seconds:g} s" if seconds else "0"


def percent(share: float) -> str:
    return f"{share:.2f}%"


@register.simple_tag
def axis(start: datetime, stop: datetime) -> Axis:
    """{% axis start stop as name %}"""
    return Axis(start, max((stop - start).total_seconds(), 0.1))


@register.simple_tag
def place(on: Axis, start: datetime, stop: datetime) -> str:
    """The x and width of a bar on an axis."""
    x = min(on.at(start), 100 - NARROWEST)
    return format_html('x="{}" width="{}"', percent(x), percent(max(on.at(stop) - x, NARROWEST)))


@register.simple_tag
def at(on: Axis, moment: datetime) -> str:
    """Where a moment is on an axis."""
    return percent(on.at(moment))


@register.filter
def share(part: float, whole: float) -> str:
    """Part of whole, for a meter: "62.00%"; nothing of nothing is 0."""
    return percent(100 * min(max(part / whole, 0), 1)) if whole else percent(0)


@register.filter
def column(rows: Sequence[dict[str, Any]], name: str) -> list[float]:
    """One column of many rows, for a line."""
    return [row[name] for row in rows]


@register.filter
def thousandths(value: int) -> str:
    """A share in thousandths, as percent: "4.1 %"."""
    return f"{value / 10:.1f} %"


@register.simple_tag
def stretch(start: float, length: float) -> str:
    """The x and width of a bar, from percent of its box."""
    return format_html('x="{}" width="{}"', percent(start), percent(max(length, NARROWEST)))


@register.simple_tag
def cells(of_a_row: Iterable[tuple[str, str, str]]) -> str:
    """Of a table with many rows: how each looks, its label for phones, its text."""
    return format_html_join("", '<td class="{}" data-label="{}">{}</td>', of_a_row)


@register.simple_tag
def column_of(lower: float, upper: float, place: int, places: int) -> str:
    """One of many columns in a box 30 high: a dim part with a failed one on top of it, both in percent of the box."""
    x, width, high = percent(100 * place / places), percent(80 / places), 0.28
    bars = [("spark-bar is-dim", 30 - high * lower, high * lower)]
    bars.append(("spark-bar is-failed", 30 - high * (lower + upper), high * upper))
    rect = '<rect class="{}" x="{}" width="{}" y="{}" height="{}"/>'
    drawn = [(look, x, width, f"{y:.1f}", f"{h:.1f}") for look, y, h in bars if h]
    return format_html_join("", rect, drawn)


@register.simple_tag
def stack(parts: Sequence[tuple[str, float]], top: float, place: int, places: int) -> str:
    """One of many columns in a box 100 high: parts of a look and an amount each, the first at the bottom; `top` is the
    amount that reaches the upper edge. What is below nothing isn't drawn."""
    x, width, y, drawn = percent(100 * (place + 0.1) / places), percent(80 / places), 100.0, []
    for look, amount in parts:
        height = 100 * max(int(amount), 0) / int(top) if top else 0
        y -= height
        drawn.append((look, x, width, f"{y:.1f}", f"{height:.1f}"))
    rect = '<rect class="{}" x="{}" width="{}" y="{}" height="{}"/>'
    return format_html_join("", rect, (bar for bar in drawn if bar[-1] != "0.0"))


@register.filter
def middle(place: int, places: int) -> str:
    """Where the middle of one of many columns is: "50.00%"."""
    return percent(100 * (place + 0.5) / places)


@register.inclusion_tag("partials/meter.html")
def meter(name: str, part: float, whole: float) -> dict[str, Any]:
    """How much of something is used."""
    return {"name": name, "used": share(part, whole)}


@register.inclusion_tag("partials/spark.html")
def spark(values: Sequence[float], top: float, name: str, look: str = "") -> dict[str, Any]:
    """A line of values in a box whose upper edge is `top`, or the highest value where that is 0; `name` is read
    aloud, `look` is whose colour it has."""
    top = top or max(values, default=1)
    height, last = 28, max(len(values) - 1, 1)
    points = [
        f"{100 * n / last:.1f},{30 - height * min(value / (top or 1), 1):.1f}"
        for n, value in enumerate(values)
    ]
    return {"points": " ".join(points), "name": name, "look": look}


@dataclass(frozen=True, slots=True)
class Curve:
    """A line over time and what lies below it, as points in a box of 1000 x 48."""

    line: str
    area: str


@register.simple_tag
def curve(on: Axis, samples: Sequence[dict[str, Any]], name: str, top: float) -> Curve:
    """A column of samples on a time axis; `top` is the value of the upper edge."""
    places = [(10 * on.at(row["at"]), 48 - 44 * min(row[name] / (top or 1), 1)) for row in samples]
    line = " ".join(f"{x:.0f},{y:.1f}" for x, y in places)
    return Curve(line, f"{places[0][0]:.0f},48 {line} {places[-1][0]:.0f},48" if places else "")


@register.filter
def peak(rows: Sequence[dict[str, Any]], name: str) -> float:
    """The highest of a column."""
    return max((row[name] for row in rows), default=0)


@register.simple_tag
def qr_code(text: str, label: str) -> SafeString:
    """Dark on light in every theme, so that each camera reads it."""
    code = qrcode.QRCode()
    code.add_data(text)
    rows = code.get_matrix()  # with its quiet border
    bars = []
    for y, row in enumerate(rows):
        x = 0
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                bars.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
    drawn = (
        '<svg class="fh-qr" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
        '<rect width="{0}" height="{0}" fill="white" /><path d="{2}" fill="black" /></svg>'
    )
    return format_html(drawn, len(rows), label, "".join(bars))
