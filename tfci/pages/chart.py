"""The picture of a standby's price against minutes bought elsewhere: numbers for an SVG. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

LEFT, RIGHT, TOP, BOTTOM = 56, 560, 24, 280
ROUND = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class ChartLine:
    """Of a product, from nothing to where it leaves the picture; `cross` is where it meets the standby's price."""

    name: str
    x: float
    y: float
    cross: tuple[float, float]
    minutes: int


@dataclass(frozen=True, slots=True)
class Chart:
    level: float  # y of the standby's price
    lines: list[ChartLine]
    across: list[tuple[float, int]]  # x and minutes
    up: list[tuple[float, Decimal]]  # y and USD

    @classmethod
    def of(cls, standby: Decimal, per_minute: Mapping[str, Decimal], farthest: int) -> "Chart":
        """`standby` in USD a month; `farthest` is the last crossing in minutes, which stays in the picture."""
        wide, high = Decimal(farthest) * Decimal("1.25"), standby * Decimal("2.2")

        def x(minutes: Decimal) -> float:
            return float(LEFT + (RIGHT - LEFT) * minutes / wide)

        def y(usd: Decimal) -> float:
            return float(BOTTOM - (BOTTOM - TOP) * usd / high)

        def line(name: str, price: Decimal) -> ChartLine:
            end = min(wide, high / price)
            even = standby / price
            return ChartLine(name, x(end), y(end * price), (x(even), y(standby)), int(even))

        return cls(
            y(standby),
            [line(name, price) for name, price in per_minute.items()],
            [(x(Decimal(mark)), int(mark)) for mark in ticks(wide)],
            [(y(mark), mark) for mark in ticks(high)],
        )


def ticks(most: Decimal) -> list[Decimal]:
    """Round numbers from nothing up to it, about five."""
    power = Decimal(10) ** (most / 5).adjusted()
    step = next(power * n for n in ROUND if power * n >= most / 5)
    return [step * n for n in range(int(most / step) + 1)]
