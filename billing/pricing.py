"""Resources x the chain's prices x the price of a TFT -> TFT per hour -> TFT. Pure, on integers.

Formulas: the pallet smart-contract of ThreeFold’s chain (docs/threefold.md). USD in units of 1e-7.
"""

from fractions import Fraction
from math import ceil
from typing import NamedTuple, Protocol

from tfci.core.tft import Tft

HOUR = 3_600_000  # milliseconds
MONTH = 720  # hours, as the grid counts
WEEKS_1000 = 4345  # thousandths of weeks in a month
DISCOUNTS: tuple[tuple[Fraction | int, int], ...] = (
    (Fraction(3, 2), 20),
    (3, 30),
    (6, 40),
    (18, 60),
)  # months of cost that an account holds -> percent off
MUSD_PER_USD = 1000


class UnitPrices(Protocol):
    """Prices of units as the chain has them: 1e-7 USD an hour."""

    @property
    def cu(self) -> int: ...
    @property
    def su(self) -> int: ...
    @property
    def certified_percent(self) -> int: ...


def compute_units(cpu: int, memory_gb: int) -> Fraction:
    """CU: the cheapest of three ways to weigh processors against memory."""
    cores, memory = Fraction(cpu), Fraction(memory_gb)
    return min(max(memory / 4, cores / 2), max(memory / 8, cores), max(memory / 2, cores / 4))


def storage_units(disk_gb: int) -> Fraction:
    """SU: one for each 200 GiB of SSD."""
    return Fraction(disk_gb, 200)


def usd_per_hour(cpu: int, memory_gb: int, disk_gb: int, prices: UnitPrices, *, certified: bool) -> int:
    """In 1e-7 USD, rounded half up."""
    usd = compute_units(cpu, memory_gb) * prices.cu + storage_units(disk_gb) * prices.su
    return _rounded(usd * (Fraction(prices.certified_percent, 100) if certified else 1))


def tft_per_hour(usd: int, tft_musd: int) -> Tft:
    """1e-7 USD an hour at a TFT price in 1e-3 USD -> TFT an hour."""
    return Tft(usd).share(MUSD_PER_USD, tft_musd)


def cost(per_hour: Tft, milliseconds: int) -> Tft:
    """What that much time costs. Charges take the cost of all time so far less what was charged so far,
    so that rounding never adds up."""
    return per_hour.share(milliseconds, HOUR)


def monthly(per_hour: Tft, hours_a_week: int) -> Tft:
    """What that many hours of every week cost in a month."""
    return cost(per_hour, hours_a_week * HOUR * WEEKS_1000 // 1000)


def usd(amount: Tft, tft_musd: int) -> int:
    """TFT in 1e-7 USD, for people to compare: never charged."""
    return int(amount.share(tft_musd, MUSD_PER_USD))


def discount_percent(held: Tft, a_month: Tft) -> int:
    """The level that the chain gives an account that holds so much, for a contract that costs so much a month, however
    many contracts it has. Certified nodes are compared at the price of others."""
    reached = (percent for months, percent in DISCOUNTS if a_month and held >= months * int(a_month))
    return max(reached, default=0)


def discounts(a_month: Tft) -> list[tuple[int, Tft]]:
    """Percent off, and the least TFT that the paying account must hold for it."""
    return [(percent, Tft(ceil(months * int(a_month)))) for months, percent in DISCOUNTS]


class PriceParts(NamedTuple):
    """`per_hour` = `list_price` - `discount` + `margin`, exactly."""

    list_price: Tft
    discount: Tft
    margin: Tft

    @property
    def per_hour(self) -> Tft:
        return self.list_price - self.discount + self.margin


def parts(list_price: Tft, *, discount: int, to_team: int, margin: int) -> PriceParts:
    """What a team pays, in percent of the list price: less its share (`to_team` percent) of the chain's discount, and
    with the operator's margin. Each part is rounded by itself."""
    off = list_price.share(discount * to_team, 10_000)
    return PriceParts(list_price, off, list_price.share(margin, 100))


def _rounded(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
