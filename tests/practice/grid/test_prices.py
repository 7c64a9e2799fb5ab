from fractions import Fraction

import pytest

from practice.grid import prices

NOON = 1_780_315_200


@pytest.mark.parametrize(
    ("cru", "mru", "sru", "usd"),
    [(2, 8, 50, 212_500), (4, 16, 100, 425_000), (1, 2, 0, 100_000 * Fraction(1, 2))],
)
def test_an_hour_costs_what_the_price_list_says(cru, mru, sru, usd):
    assert prices.usd_per_hour(cru, Fraction(mru), Fraction(sru), certified=False) == usd


def test_certified_costs_a_quarter_more():
    assert prices.usd_per_hour(2, Fraction(8), Fraction(50), certified=True) == 265_625


def test_seconds_are_billed_to_the_nearest_unit():
    hour = Fraction(212_500)
    assert prices.billed(hour, 10, 3600) == 21_250_000
    assert prices.billed(hour, 10, 1) == 5903  # 5902.78
    assert prices.billed(Fraction(18), 10, 1) == 1  # 0.5


def test_the_price_of_a_tft_moves_slowly_and_alike():
    days = [prices.tft_musd(NOON + day * prices.DAY) for day in range(200)]
    assert days == [prices.tft_musd(NOON + day * prices.DAY) for day in range(200)]
    assert min(days) < max(days)
    assert all(abs(today - before) <= 1 for before, today in zip(days, days[1:], strict=False))
    assert min(days) >= 8 and max(days) <= 12
