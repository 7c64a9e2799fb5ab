"""Resources x the chain's prices x the price of a TFT -> TFT per hour -> TFT. Pure, on integers.

Formulas: the pallet smart-contract of ThreeFold’s chain (docs/threefold.md). USD in units of 1e-7.
"""

from fractions import Fraction
from typing import Protocol

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


def discounts(a_month: Tft) -> list[tuple[int, Tft]]:
    """Percent off, and the TFT that the paying account must hold for it; the chain looks at one contract at a time."""
    return [(percent, a_month.share(*months.as_integer_ratio())) for months, percent in DISCOUNTS]


def _rounded(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
