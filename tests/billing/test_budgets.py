"""Budgets: a VM may start only where the balance covers the next hour of all that runs."""

import pytest
from hypothesis import given, strategies as st

from billing.budgets import Allowance, Running, Shortage, allowance
from billing.limits import Caps
from tfci.core.tft import Tft


def tft(text):
    return Tft.parse(text)


def test_what_is_owed_and_the_next_hour_of_what_runs_are_set_aside():
    running = Running(1, tft("4"))
    assert allowance(tft("10"), tft("1.5"), running) == Allowance(tft("4.5"), running)


def test_exactly_an_hour_is_enough():
    left = Allowance(tft("2"))
    assert left.covers(tft("2"))
    assert not left.covers(tft("2.0000001"))


def test_each_vm_that_starts_takes_its_first_hour():
    left = Allowance(tft("5"))
    started = 0
    while left.covers(tft("2")):
        left, started = left.after_start(tft("2")), started + 1
    assert (started, left) == (2, Allowance(tft("1"), Running(2, tft("4"))))


def test_when_even_what_runs_is_not_covered_nothing_starts():
    left = allowance(tft("1"), Tft(0), Running(1, tft("3")))
    assert left.left == tft("-2")
    assert not left.covers(Tft(0))


amounts = st.integers(0, 10**12).map(Tft)


@given(amounts, amounts, amounts, st.lists(amounts, max_size=10))
def test_what_is_started_never_promises_more_than_there_is(balance, owed, running, vms):
    left, promised = allowance(balance, owed, Running(1, running)), Tft(0)
    for per_hour in vms:
        if left.covers(per_hour):
            left, promised = left.after_start(per_hour), promised + per_hour
    assert promised == 0 or balance >= owed + running + promised
    assert type(left.left) is Tft


CAPS = Caps(max_vms=3, max_per_hour=tft("10"), max_job_minutes=60)


@pytest.mark.parametrize(
    "left, vms, running, per_hour, shortage",
    [
        ("100", 2, "8", "2", None),
        ("100", 3, "0", "2", Shortage.TEAM_VMS),
        ("100", 2, "8", "2.0000001", Shortage.TEAM_PRICE),
        ("100", 0, "0", "10.0000001", Shortage.TEAM_PRICE),
        ("1", 2, "8", "2", Shortage.TFT),
    ],
)
def test_a_vm_starts_only_within_the_limits_of_the_operator(left, vms, running, per_hour, shortage):
    allowed = Allowance(tft(left), Running(vms, tft(running)), CAPS)
    assert allowed.shortage(tft(per_hour)) == shortage
    assert allowed.covers(tft(per_hour)) is (shortage is None)


@given(st.lists(amounts, max_size=20), st.integers(0, 10), amounts)
def test_what_is_started_stays_within_the_limits(vms, most_vms, most_per_hour):
    left = Allowance(Tft(10**15), caps=Caps(most_vms, most_per_hour, 60))
    for per_hour in vms:
        left = left.after_start(per_hour) if left.covers(per_hour) else left
    assert left.running.vms <= most_vms
    assert left.running.per_hour <= most_per_hour
