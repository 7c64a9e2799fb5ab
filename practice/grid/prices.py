"""What things cost on the chain. USD in units of 1e-7 an hour, TFT in units of 1e-7, sizes in GiB.

The formulas are those of the chain's pallet-smart-contract (cost.rs), the prices those of its policy 1.
"""

import math
from fractions import Fraction

CU = 100_000
SU = 50_000
CERTIFIED_PERCENT = 125
FEE = 10_000  # of one extrinsic, TFT
LEAST = 20_000_000  # an account with less can't deploy, TFT

DAY = 86_400


def compute_units(cru: int, mru: Fraction) -> Fraction:
    return min(
        max(mru / 4, Fraction(cru, 2)),
        max(mru / 8, Fraction(cru)),
        max(mru / 2, Fraction(cru, 4)),
    )


def storage_units(sru: Fraction) -> Fraction:
    return sru / 200


def usd_per_hour(cru: int, mru: Fraction, sru: Fraction, certified: bool) -> Fraction:
    units = compute_units(cru, mru) * CU + storage_units(sru) * SU
    return units * CERTIFIED_PERCENT / 100 if certified else units


def tft_musd(at: int) -> int:
    """The price of a TFT in 1e-3 USD at this chain time: around 10, a slow wave, the same in every run."""
    days = at / DAY
    return round(10 + 0.9 * math.sin(days / 5) + 0.5 * math.sin(days / 1.3))


def in_tft(usd: Fraction, musd: int) -> Fraction:
    return usd * 1000 / musd


def billed(usd_an_hour: Fraction, musd: int, seconds: int) -> int:
    """TFT for these seconds, rounded half up."""
    return math.floor(in_tft(usd_an_hour, musd) * seconds / 3600 + Fraction(1, 2))
