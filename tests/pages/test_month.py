"""What a month comes to, here and elsewhere."""

from datetime import timedelta
from decimal import Decimal

import pytest

from runners.jobs.labels import NAMED, Size
from tests.builders import a_reading
from tfci.core.list_prices.current import GITHUB, UBICLOUD
from tfci.core.tft import Tft
from tfci.pages import month
from tfci.pages.chart import Chart, ticks
from tfci.pages.month import Month
from tfci.pages.rates import Rates
from tfci.pages.views.landing import times

RATES = Rates(a_reading())
SMALL = NAMED["small"]
WORKED = Month(SMALL, 40, timedelta(minutes=6), timedelta(seconds=80))


def cents(usd):
    return usd.quantize(Decimal("0.01"))


def test_the_worked_month_of_the_mock_up_comes_out():
    assert cents(month.here(WORKED, RATES).total.usd) == Decimal("3.12")
    assert cents(month.here(WORKED, RATES.under(22, 14)).total.usd) == Decimal("9.68")


def test_the_same_month_elsewhere_takes_off_what_is_free_and_adds_what_a_plan_costs():
    found = {one.peer.name: cents(one.usd) for one in month.elsewhere(WORKED)}
    assert found == {
        "GitHub": Decimal("43.20"),
        "Ubicloud": Decimal("6.50"),
        "Blacksmith": Decimal("16.80"),
        "Depot": Decimal("40.80"),
    }


def test_each_product_counts_each_job_by_its_own_rule():
    short = Month(SMALL, 1, timedelta(seconds=61), timedelta())
    github = next(one for one in month.elsewhere(short) if one.peer is GITHUB)
    assert github.usd == 30 * 2 * Decimal("0.006")


def test_free_minutes_never_give_money_back():
    tiny = Month(SMALL, 1, timedelta(minutes=1), timedelta())
    found = {one.peer.name: one.usd for one in month.elsewhere(tiny)}
    assert (found["Ubicloud"], found["Blacksmith"], found["Depot"]) == (0, 0, 20)


def test_a_size_that_others_do_not_have_has_no_price_there():
    huge = Month(Size(64, 256, 300), 1, timedelta(minutes=1), timedelta())
    assert {one.usd for one in month.elsewhere(huge)} == {None}


def test_a_vm_kept_ready_is_paid_all_month_and_spares_booting():
    ready = Month(SMALL, 40, timedelta(minutes=6), timedelta(seconds=80), standby=1)
    bill = month.here(ready, RATES)
    assert cents(bill.idle.usd) == Decimal("15.30")
    assert bill.boot.tft == Tft(0)


def test_the_parts_of_a_bill_are_its_total():
    bill = month.here(WORKED, RATES)
    assert bill.total.tft == bill.jobs.tft + bill.boot.tft + bill.idle.tft


def test_a_certified_node_costs_the_chains_surcharge():
    plain, certified = RATES.hour(SMALL), RATES.hour(SMALL, certified=True)
    assert certified == plain.share(125, 100)


@pytest.mark.parametrize("peer, minutes", [(GITHUB, 2550), (UBICLOUD, 12240)])
def test_below_so_many_minutes_others_cost_less_than_one_vm_kept_ready(peer, minutes):
    assert month.even_at(Decimal("15.30"), peer, 2) == minutes


def test_how_many_times_as_much_is_never_rounded_up():
    assert (times(Decimal("0.000354")), times(Decimal("0.0011"))) == (Decimal(16), Decimal("5.4"))


# The picture


def test_a_line_meets_the_standbys_price_where_it_costs_as_much():
    chart = Chart.of(Decimal("15.30"), {"GitHub": Decimal("0.006"), "Ubicloud": Decimal("0.00125")}, 12240)
    assert [line.minutes for line in chart.lines] == [2550, 12240]
    for line in chart.lines:
        assert line.cross[1] == chart.level
        assert 56 < line.cross[0] <= line.x <= 560 and 24 <= line.y < 280


@pytest.mark.parametrize(
    "most, marks", [("33.66", [0, 10, 20, 30]), ("15300", [0, 5000, 10000, 15000]), ("5", [0, 1, 2, 3, 4, 5])]
)
def test_marks_are_round(most, marks):
    assert ticks(Decimal(most)) == marks
