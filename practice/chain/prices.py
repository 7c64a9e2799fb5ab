"""What an hour costs. USD in units of 1e-7, TFT in units of 1e-7, sizes in GiB.

The formulas are those of pallet-smart-contract (cost.rs), the prices those of pricing policy 1 of the main network. The
chain rounds three times: dollars, TFT, TFT after the discount.
"""

import math
from enum import Enum
from fractions import Fraction

CU = 100_000
SU = 50_000
CERTIFIED_PERCENT = 125
HOUR, DAY = 3600, 86_400
MONTH = 30 * DAY


class Discount(Enum):
    """Levels by how many months of the contract the payer has: (months, percent of the price that remain)."""

    NONE = (Fraction(0), 100)
    DEFAULT = (Fraction(3, 2), 80)
    BRONZE = (Fraction(3), 70)
    SILVER = (Fraction(6), 60)
    GOLD = (Fraction(18), 40)

    @property
    def title(self) -> str:
        """As the chain spells it."""
        return self.name.title()


def compute_units(cru: int, mru: Fraction) -> Fraction:
    return min(
        max(mru / 4, Fraction(cru, 2)),
        max(mru / 8, Fraction(cru)),
        max(mru / 2, Fraction(cru, 4)),
    )


def storage_units(sru: Fraction) -> Fraction:
    return sru / 200


def usd_per_hour(cru: int, mru: Fraction, sru: Fraction) -> Fraction:
    """Before discount, on a node that is not certified."""
    return compute_units(cru, mru) * CU + storage_units(sru) * SU


def in_tft(usd: Fraction | int, musd: int) -> Fraction:
    """`musd`: the price of a TFT in 1e-3 USD."""
    return Fraction(usd) * 1000 / musd


def amount_due(
    usd_an_hour: Fraction, musd: int, seconds: int, certified: bool, balance: int
) -> tuple[int, Discount]:
    """TFT for these seconds, for a payer who has `balance`, and the discount in it."""
    full = _rounded(in_tft(_rounded(usd_an_hour * seconds / HOUR), musd))
    if not full:
        return 0, Discount.NONE
    level = discount(balance, _rounded(Fraction(full * MONTH, seconds)))
    percent = level.value[1] * (CERTIFIED_PERCENT if certified else 100)
    return _rounded(Fraction(full * percent, 10_000)), level


def discount(balance: int, a_month: int) -> Discount:
    """The level of a payer who has `balance`, for a contract that costs so much a month."""
    months = Fraction(balance, a_month)
    return max((level for level in Discount if months >= level.value[0]), key=lambda level: level.value[0])


def _rounded(value: Fraction) -> int:
    """Half up."""
    return math.floor(value + Fraction(1, 2))
