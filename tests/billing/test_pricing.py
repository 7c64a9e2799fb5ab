"""Pricing: the grid's formulas on integers, against the table worked out by hand from them."""

from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from billing import pricing
from practice.chain import prices as chain
from tfci.core.tft import Tft
from tfci.grid.ports import Prices

LIST = Prices(cu=100_000, su=50_000, tft_musd=10, read_at=datetime(2026, 11, 24, tzinfo=UTC))
SMALL, MEDIUM = (2, 8, 50), (4, 16, 100)


@pytest.mark.parametrize(
    ("cpu", "memory_gb", "units"),
    [
        (2, 8, 2),
        (4, 16, 4),
        (1, 1, Fraction(1, 2)),  # much processor: by half its processors
        (8, 8, 4),
        (1, 8, 1),  # much memory: by an eighth of it
        (1, 32, 4),
        (2, 64, 8),
        (16, 4, 4),  # very much processor: by a quarter of them
        (3, 7, Fraction(7, 4)),
    ],
)
def test_compute_units_are_the_cheapest_of_three_ways(cpu, memory_gb, units):
    assert pricing.compute_units(cpu, memory_gb) == units


@pytest.mark.parametrize(("disk_gb", "units"), [(50, Fraction(1, 4)), (200, 1), (1, Fraction(1, 200))])
def test_storage_units_are_not_lost_below_a_whole_one(disk_gb, units):
    assert pricing.storage_units(disk_gb) == units


@pytest.mark.parametrize(
    ("size", "certified", "usd"),
    [(SMALL, False, 212_500), (SMALL, True, 265_625), (MEDIUM, False, 425_000), (MEDIUM, True, 531_250)],
)
def test_list_prices_are_those_of_the_worked_table(size, certified, usd):
    assert pricing.usd_per_hour(*size, LIST, certified=certified) == usd


@pytest.mark.parametrize(
    ("size", "certified", "per_minute"),
    [
        (SMALL, False, "0.000354"),
        (SMALL, True, "0.000443"),
        (MEDIUM, False, "0.000708"),
        (MEDIUM, True, "0.000885"),
    ],
)
def test_a_minute_costs_what_the_worked_table_says(size, certified, per_minute):
    usd = pricing.usd_per_hour(*size, LIST, certified=certified)
    assert f"{usd / 60 / 10**7:.6f}" == per_minute


@pytest.mark.parametrize(
    ("disk_gb", "certified", "usd"),
    [
        (50, False, 1),  # 0.5
        (49, False, 0),  # 0.49
        (150, False, 2),  # 1.5
        (40, True, 1),  # 0.4 x 1.25 = 0.5: rounded once, at the end
        (39, True, 0),
    ],
)
def test_dollars_are_rounded_half_up(disk_gb, certified, usd):
    prices = Prices(cu=0, su=2, tft_musd=10, read_at=LIST.read_at)
    assert pricing.usd_per_hour(1, 1, disk_gb, prices, certified=certified) == usd


def test_the_surcharge_for_certified_nodes_is_the_chains():
    prices = Prices(cu=100_000, su=50_000, tft_musd=10, read_at=LIST.read_at, certified_percent=200)
    assert pricing.usd_per_hour(*SMALL, prices, certified=True) == 425_000


@pytest.mark.parametrize(
    ("usd", "musd", "tft"),
    [
        (212_500, 10, "2.125"),  # $0.02125 at $0.01
        (212_500, 1000, "0.02125"),  # at $1
        (212_500, 7, "3.0357143"),
        (0, 10, "0"),
    ],
)
def test_dollars_become_tft_at_the_price_of_a_tft(usd, musd, tft):
    assert pricing.tft_per_hour(usd, musd) == Tft.parse(tft)


@pytest.mark.parametrize(
    ("per_hour", "milliseconds", "tft"),
    [
        (Tft.parse("2.125"), pricing.HOUR, Tft.parse("2.125")),
        (Tft.parse("2.125"), 60_000, Tft.parse("0.0354167")),
        (Tft.parse("2.125"), 0, Tft(0)),
        (Tft(1), pricing.HOUR // 2, Tft(1)),
        (Tft(1), pricing.HOUR // 2 - 1, Tft(0)),
    ],
)
def test_time_costs_its_share_of_an_hour_rounded_half_up(per_hour, milliseconds, tft):
    assert pricing.cost(per_hour, milliseconds) == tft


def test_tft_are_shown_in_dollars_too():
    assert pricing.usd(Tft.parse("2.125"), 10) == 212_500


sizes = st.tuples(st.integers(1, 9999), st.integers(1, 9999), st.integers(1, 9999))
prices = st.builds(
    Prices,
    cu=st.integers(0, 10**8),
    su=st.integers(0, 10**8),
    tft_musd=st.integers(1, 10**6),
    read_at=st.just(LIST.read_at),
    certified_percent=st.integers(100, 300),
)


@given(sizes, prices, st.booleans())
def test_prices_are_integers_within_half_a_unit_of_the_exact_value(size, prices, certified):
    cpu, memory_gb, disk_gb = size
    exact = pricing.compute_units(cpu, memory_gb) * prices.cu + pricing.storage_units(disk_gb) * prices.su
    exact *= Fraction(prices.certified_percent if certified else 100, 100)
    usd = pricing.usd_per_hour(*size, prices, certified=certified)
    assert type(usd) is int
    assert Fraction(-1, 2) < usd - exact <= Fraction(1, 2)
    assert type(pricing.tft_per_hour(usd, prices.tft_musd)) is Tft


@given(sizes, sizes, prices)
def test_a_larger_vm_is_never_cheaper(one, other, prices):
    larger = [max(pair) for pair in zip(one, other, strict=True)]
    price = {
        certified: pricing.usd_per_hour(*one, prices, certified=certified) for certified in (False, True)
    }
    assert pricing.usd_per_hour(*larger, prices, certified=False) >= price[False]
    assert price[True] >= price[False]


@given(st.integers(0, 10**15).map(Tft), st.lists(st.integers(0, 10**9), max_size=20))
def test_charging_often_costs_as_much_as_charging_once(per_hour, pauses):
    charged, so_far = Tft(0), 0
    for pause in pauses:
        so_far += pause
        due = pricing.cost(per_hour, so_far) - charged
        assert due >= 0
        charged += due
    assert charged == pricing.cost(per_hour, sum(pauses))


@given(st.integers(0, 10**12).map(Tft), st.integers(1, 10**6))
def test_dollars_and_tft_turn_into_each_other(amount, musd):
    """Within what one unit of the coarser of both is worth."""
    back = pricing.tft_per_hour(pricing.usd(amount, musd), musd)
    assert abs(back - amount) <= pricing.MUSD_PER_USD // musd + 1


def test_a_month_is_4345_thousandths_of_weeks():
    assert pricing.monthly(Tft.parse("2.125"), 50) == Tft.parse("461.65625")
    assert pricing.monthly(Tft.parse("0.0000001"), 1) == Tft.parse("0.0000004")  # rounded half up, once
    assert pricing.monthly(Tft.parse("2.125"), 0) == Tft(0)


@pytest.mark.parametrize(
    ("months", "percent"),
    [
        (0, 0),
        ("1.4999999", 0),
        ("1.5", 20),
        ("2.9999999", 20),
        (3, 30),
        ("5.9999999", 30),
        (6, 40),
        (17, 40),
        (18, 60),
    ],
)
def test_the_discount_goes_by_months_of_cost_that_the_payer_holds(months, percent):
    month = Tft.parse("1530")  # of a small at $0.01 a TFT
    assert pricing.discount_percent(Tft(month * Fraction(months)), month) == percent


def test_what_costs_nothing_has_no_discount():
    assert pricing.discount_percent(Tft.parse("100"), Tft()) == 0


@given(st.integers(0, 2**50), st.integers(1, 2**40))
def test_levels_are_those_of_the_chains_model(held, month):
    level = chain.discount(held, month)
    assert 100 - pricing.discount_percent(Tft(held), Tft(month)) == level.value[1]


@given(st.integers(1, 2**50))
def test_a_level_begins_with_what_is_said_to_be_needed_for_it(month):
    for percent, holds in pricing.discounts(Tft(month)):
        assert pricing.discount_percent(holds, Tft(month)) == percent
        assert pricing.discount_percent(Tft(holds - 1), Tft(month)) < percent


PERCENT = st.integers(0, 100)


@given(st.integers(0, 2**45), st.sampled_from([0, 20, 30, 40, 60]), PERCENT, st.integers(0, 1000))
def test_a_price_is_the_sum_of_its_parts_and_within_a_unit_of_the_exact_value(
    price, discount, to_team, margin
):
    parts = pricing.parts(Tft(price), discount=discount, to_team=to_team, margin=margin)
    assert parts.per_hour == parts.list_price - parts.discount + parts.margin
    exact = price * (1 - Fraction(discount * to_team, 10_000) + Fraction(margin, 100))
    assert abs(parts.per_hour - exact) <= 1
    assert 0 <= parts.discount <= price and parts.margin >= 0
    assert {type(part) for part in (*parts, parts.per_hour)} == {Tft}


@given(st.integers(0, 2**45), PERCENT)
def test_without_discount_and_margin_the_price_is_the_list_price(price, to_team):
    assert pricing.parts(Tft(price), discount=0, to_team=to_team, margin=0).per_hour == price
