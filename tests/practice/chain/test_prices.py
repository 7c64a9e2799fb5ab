from fractions import Fraction

import pytest

from practice.chain import prices
from practice.chain.prices import Discount
from practice.chain.state import TFT

HOUR = Fraction(212_500)


@pytest.mark.parametrize(
    ("cru", "mru", "sru", "usd"),
    [(2, 8, 50, 212_500), (4, 16, 100, 425_000), (1, 2, 0, 100_000 * Fraction(1, 2))],
)
def test_an_hour_costs_what_the_price_list_says(cru, mru, sru, usd):
    assert prices.usd_per_hour(cru, Fraction(mru), Fraction(sru)) == usd


@pytest.mark.parametrize(
    ("usd", "seconds", "due"),
    [
        (HOUR, 3600, 21_250_000),
        (HOUR, 1, 5900),  # $0.000005903 is 59 units of 1e-7
        (Fraction(1800), 1, 100),  # half a unit of a dollar counts as one
        (Fraction(1799), 1, 0),
        (Fraction(0), 3600, 0),
    ],
)
def test_dollars_are_rounded_before_they_become_tft(usd, seconds, due):
    assert prices.amount_due(usd, 10, seconds, certified=False, balance=0) == (due, Discount.NONE)


def test_certified_costs_a_quarter_more_after_the_discount():
    assert prices.amount_due(HOUR, 10, 3600, certified=True, balance=0)[0] == 26_562_500
    assert prices.amount_due(HOUR, 10, 3600, certified=True, balance=10**12)[0] == 26_562_500 * 4 // 10


@pytest.mark.parametrize(
    ("balance", "level"),
    [
        (2295 * TFT - 1, Discount.NONE),
        (2295 * TFT, Discount.DEFAULT),
        (4590 * TFT, Discount.BRONZE),
        (9180 * TFT, Discount.SILVER),
        (27_540 * TFT, Discount.GOLD),
    ],
)
def test_a_level_begins_at_its_number_of_months(balance, level):
    assert prices.discount(balance, 1530 * TFT) is level


def test_a_level_is_spelt_as_the_chain_does():
    assert [level.title for level in Discount] == ["None", "Default", "Bronze", "Silver", "Gold"]
