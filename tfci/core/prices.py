"""What other products charge for a minute of a Linux x86-64 machine: list prices in USD, without what a plan includes.

They change: whoever shows a price shows its `as_of` beside it. Sizes are those whose price was read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

MINUTE = timedelta(minutes=1)


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


COUNTED: dict[Callable[[timedelta], Decimal], str] = {
    started_minutes: "each started minute",
    nearest_minute: "to the nearest minute",
    seconds: "by the second",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """`per_minute`: vCPU -> USD. `as_of`: the day or month (ISO 8601) that the source speaks for."""

    name: str
    per_minute: Mapping[int, Decimal]
    counts: Callable[[timedelta], Decimal]
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


def _usd(**sizes: str) -> dict[int, Decimal]:
    """_usd(v2="0.006") is 0.006 USD for 2 vCPU."""
    return {int(size.removeprefix("v")): Decimal(price) for size, price in sizes.items()}


GITHUB = Peer(
    "GitHub",
    _usd(v1="0.002", v2="0.006", v4="0.012", v8="0.022", v16="0.042"),
    started_minutes,
    "2026-11-24",
    "https://docs.github.com/en/billing/reference/actions-runner-pricing",
    "hosted runners; in force since 2026-01-01",
)
UBICLOUD = Peer(
    "Ubicloud",
    _usd(v2="0.00125", v4="0.0025", v8="0.005", v16="0.01"),
    started_minutes,
    "2026-10-09",
    "https://github.com/ubicloud/ubicloud/blob/main/config/billing_rates.yml",
    "standard runners; read for 2 vCPU, the larger ones in proportion",
)
BLACKSMITH = Peer(
    "Blacksmith",
    _usd(v2="0.004", v4="0.008", v8="0.016", v16="0.032"),
    nearest_minute,
    "2026-11-24",
    "https://docs.blacksmith.sh/github-actions-runners/pricing",
    "3,000 minutes a month are free",
)
DEPOT = Peer(
    "Depot",
    _usd(v2="0.004", v4="0.008", v8="0.016", v16="0.032"),
    seconds,
    "2026-04",
    "https://depot.dev/docs/github-actions/runner-types",
    "on top of a plan: $20 a month with 2,000 minutes",
)
PEERS = (GITHUB, UBICLOUD, BLACKSMITH, DEPOT)
