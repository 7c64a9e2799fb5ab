"""The packages as a drawing: a box each, layer below layer, and an arrow for each import.

Colours are in the middle between black and white, so that one file is read on light and dark pages. All is computed
from the packages alone, in a fixed order: the same packages give the same bytes.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean
from xml.sax.saxutils import escape

from tests.map.imports import Packages

WIDTH, MARGIN = 1000, 24
BOX, ROW = 30, 72  # heights
LETTER, PADDING = 7.4, 26  # of a box's name, in pixels
LANE = 16  # width of an arrow that passes a layer
SWEEPS = 8
FILLS = {"runners": "#1d7a68", "billing": "#8a5a1f", "practice": "#6b6f76", "": "#3f6a9a"}
LINE, FRAME = "#8b95a1", "#7f8894"

Point = tuple[float, float]
Slot = str | tuple[str, str]  # a package, or an arrow that passes


@dataclass
class Rows:
    """What stands in each layer from left to right: packages, and arrows that pass between them."""

    slots: list[list[Slot]]
    links: dict[Slot, set[Slot]] = field(default_factory=dict)

    def order(self) -> None:
        """Each near to what it is linked with, from top to bottom and back: then few arrows cross."""
        for sweep in range(SWEEPS):
            rows = self.slots[1:] if sweep % 2 == 0 else self.slots[-2::-1]
            for row in rows:
                place = self._places()
                row.sort(key=lambda slot: (self._wish(slot, place), place[slot]))

    def _places(self) -> dict[Slot, float]:
        return {slot: (n + 0.5) / len(row) for row in self.slots for n, slot in enumerate(row)}

    def _wish(self, slot: Slot, place: dict[Slot, float]) -> float:
        linked = sorted(place[other] for other in self.links.get(slot, ()))
        return fmean(linked) if linked else place[slot]

    def middles(self) -> dict[tuple[int, Slot], float]:
        """Where the middle of each is, the row spread over the width."""
        found = {}
        for number, row in enumerate(self.slots):
            widths = [width(slot) for slot in row]
            gap = (WIDTH - 2 * MARGIN - sum(widths)) / (len(row) + 1)
            x = MARGIN + gap
            for slot, wide in zip(row, widths, strict=True):
                found[number, slot] = x + wide / 2
                x += wide + gap
        return found


def width(slot: Slot) -> float:
    return len(title(slot)) * LETTER + PADDING if isinstance(slot, str) else LANE


def title(name: str) -> str:
    return "urls, asgi, wsgi" if name == "tfci" else name


def svg(packages: Packages) -> str:
    rows = _rows(packages)
    rows.order()
    middles = rows.middles()
    height = ROW * len(rows.slots) + 2 * MARGIN
    arrows = [_arrow(packages, middles, pair) for pair in sorted(packages.imports)]
    boxes = [
        _box(name, middles[number, name], _top(number))
        for number, layer in enumerate(packages.layers)
        for name in layer
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
        f'font-size="13">\n<title>Packages of Farmhand by layer, and which imports which</title>\n'
        f'<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 8 4 0 8z" fill="{LINE}"/></marker></defs>\n'
    )
    return head + "\n".join([_frame(packages), *arrows, *boxes]) + "\n</svg>\n"


def _rows(packages: Packages) -> Rows:
    row = {name: number for number, layer in enumerate(packages.layers) for name in layer}
    rows = Rows([list(layer) for layer in packages.layers])
    for pair in sorted(packages.imports):
        for number in range(row[pair[0]] + 1, row[pair[1]]):
            rows.slots[number].append(pair)
        chain = [pair[0], *([pair] if row[pair[1]] - row[pair[0]] > 1 else []), pair[1]]
        for above, below in pairwise(chain):
            rows.links.setdefault(above, set()).add(below)
            rows.links.setdefault(below, set()).add(above)
    return rows


def _top(number: int) -> float:
    return MARGIN + ROW * number + (ROW - BOX) / 2


def _arrow(packages: Packages, middles: dict[tuple[int, Slot], float], pair: tuple[str, str]) -> str:
    """From box to box, straight down where it passes a layer."""
    row = {name: number for number, layer in enumerate(packages.layers) for name in layer}
    first, last = row[pair[0]], row[pair[1]]
    points = [(middles[first, pair[0]], _top(first) + BOX)]
    for number in range(first + 1, last):
        x = middles[number, pair]
        points += [(x, _top(number)), (x, _top(number) + BOX)]
    points.append((middles[last, pair[1]], _top(last) - 1))
    bends = " ".join(_bend(a, b) for a, b in pairwise(points))
    start = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    return (
        f'<path d="{start} {bends}" fill="none" stroke="{LINE}" stroke-width="1.4" marker-end="url(#tip)"/>'
    )


def _bend(a: Point, b: Point) -> str:
    half = (a[1] + b[1]) / 2
    return f"C{a[0]:.0f} {half:.0f} {b[0]:.0f} {half:.0f} {b[0]:.0f} {b[1]:.0f}"


def _box(name: str, middle: float, top: float) -> str:
    fill = FILLS.get(name.partition(".")[0], FILLS[""])
    wide = width(name)
    shape = f'<rect x="{middle - wide / 2:.0f}" y="{top:.0f}" width="{wide:.0f}" height="{BOX}" rx="6" fill="{fill}"/>'
    text = f'<text x="{middle:.0f}" y="{top + 20:.0f}" fill="#fff" text-anchor="middle">{escape(title(name))}</text>'
    return f"{shape}{text}"


def _frame(packages: Packages) -> str:
    """Around the product itself."""
    inside = [n for n, layer in enumerate(packages.layers) if layer[0].startswith("runners.")]
    top, bottom = MARGIN + ROW * inside[0] + 4, MARGIN + ROW * (inside[-1] + 1) - 4
    size = f'width="{WIDTH - MARGIN}" height="{bottom - top}"'
    shape = f'<rect x="{MARGIN / 2}" y="{top}" {size} rx="10" fill="none" stroke="{FRAME}" stroke-dasharray="5 4"/>'
    return f'{shape}<text x="{MARGIN}" y="{top + 17}" fill="{FRAME}">runners</text>'
