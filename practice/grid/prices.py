"""What the practice grid adds to the chain's prices: how the price of a TFT moves, and what an account must have."""

import math

from practice.chain.prices import DAY

MIN_BALANCE = 20_000_000  # an account with less can't deploy, TFT


def tft_musd(at: int) -> int:
    """The price of a TFT in 1e-3 USD at this chain time: around 10, a slow wave, the same in every run."""
    days = at / DAY
    return round(10 + 0.9 * math.sin(days / 5) + 0.5 * math.sin(days / 1.3))
