"""What other products charge for a minute of a Linux x86-64 machine: list prices in USD, without what a plan includes.

They change: show a price's `as_of` beside it. Sizes are those whose price was read.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal, InvalidOperation

MINUTE = timedelta(minutes=1)
NEEDED, OPTIONAL = {"name", "per_minute", "counts", "as_of", "source"}, {"note"}
DATED = re.compile(r"\d{4}-\d\d(-\d\d)?", re.ASCII)  # a day or a month
SMALLEST = 2  # vCPU of the size that public pages compare
OLD = timedelta(days=365)


def started_minutes(took: timedelta) -> Decimal:
    """Each minute that has begun."""
    return _minutes(took).to_integral_value(ROUND_CEILING)


def nearest_minute(took: timedelta) -> Decimal:
    return _minutes(took).to_integral_value(ROUND_HALF_UP)


def seconds(took: timedelta) -> Decimal:
    """In minutes, each second that has begun."""
    return (_minutes(took) * 60).to_integral_value(ROUND_CEILING) / 60


def _minutes(took: timedelta) -> Decimal:
    return Decimal(took // timedelta(microseconds=1)) / (MINUTE // timedelta(microseconds=1))


Counts = Callable[[timedelta], Decimal]
COUNTS: dict[str, Counts] = {each.__name__: each for each in (started_minutes, nearest_minute, seconds)}
COUNTED: dict[Counts, str] = {
    started_minutes: "each started minute",
    nearest_minute: "to the nearest minute",
    seconds: "by the second",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """`per_minute`: vCPU -> USD. `as_of`: the day or month (ISO 8601) that the source speaks for."""

    name: str
    per_minute: Mapping[int, Decimal]
    counts: Counts
    as_of: str
    source: str
    note: str = ""

    @property
    def counted(self) -> str:
        """How its minutes are counted, in words."""
        return COUNTED[self.counts]

    def fits(self, cpu: int) -> int | None:
        """Its smallest size with that many vCPU; None where none that was read has them."""
        return min((size for size in self.per_minute if size >= cpu), default=None)

    def charge(self, cpu: int, took: timedelta) -> Decimal | None:
        """USD for one job of that length on the smallest size that has `cpu` vCPU."""
        size = self.fits(cpu)
        return self.per_minute[size] * self.counts(took) if size else None


def is_old(as_of: str, today: date) -> bool:
    """Whether a price of that day or month is over a year old."""
    return today - _day(as_of) > OLD


def _day(as_of: str) -> date:
    """The first that it may mean. Raises ValueError for what is neither a day nor a month."""
    if not DATED.fullmatch(as_of):
        raise ValueError(as_of)
    return date.fromisoformat(as_of if as_of.count("-") == 2 else f"{as_of}-01")


def read(text: str) -> list[Peer]:
    """A price list in TOML, like minute_prices.toml. Raises ValueError with what is wrong."""
    rows = tomllib.loads(text).get("product")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("it has no [[product]]")
    return [_peer(row) for row in rows]


def _peer(row: Mapping[str, object]) -> Peer:
    name = str(row.get("name", "a product without a name"))
    if missing := NEEDED - row.keys():
        raise ValueError(f"{name} has no {', '.join(sorted(missing))}")
    if unknown := row.keys() - NEEDED - OPTIONAL:
        raise ValueError(f"{name} has unknown {', '.join(sorted(unknown))}")
    as_of, source, counts = (str(row[key]) for key in ("as_of", "source", "counts"))
    if counts not in COUNTS:
        raise ValueError(f"{name}: counts must be {', '.join(COUNTS)}")
    if not source.startswith("https://"):
        raise ValueError(f"{name}: source must be an address like https://example.org/prices")
    try:
        _day(as_of)
    except ValueError:
        raise ValueError(f"{name}: as_of must be a day or month like 2026-11-24 or 2026-04") from None
    return Peer(
        name, _sizes(name, row["per_minute"]), COUNTS[counts], as_of, source, str(row.get("note", ""))
    )


def _sizes(name: str, table: object) -> dict[int, Decimal]:
    try:
        sizes = {int(cpu): Decimal(str(usd)) for cpu, usd in dict(table).items()}  # type: ignore[call-overload]
    except (InvalidOperation, TypeError, ValueError):
        sizes = {}
    if SMALLEST not in sizes or not all(usd.is_finite() and usd > 0 for usd in sizes.values()):
        raise ValueError(f'{name}: per_minute must be USD by vCPU, at least of 2, like {{ 2 = "0.006" }}')
    return dict(sorted(sizes.items()))


def merged(ours: Iterable[Peer], theirs: Iterable[Peer]) -> tuple[Peer, ...]:
    """Ours, each replaced by theirs of the same name, then the rest of theirs."""
    return tuple({peer.name: peer for peer in (*ours, *theirs)}.values())
