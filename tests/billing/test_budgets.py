"""Budgets: a machine may start only where the balance covers the next hour of all that runs."""

from hypothesis import given
from hypothesis import strategies as st

from billing.budgets import Allowance, allowance
from tfci.tft import Tft


def tft(text):
    return Tft.parse(text)


def test_what_is_owed_and_the_next_hour_of_what_runs_are_set_aside():
    assert allowance(tft("10"), owed=tft("1.5"), running_per_hour=tft("4")) == Allowance(tft("4.5"))


def test_exactly_an_hour_is_enough():
    left = Allowance(tft("2"))
    assert left.covers(tft("2"))
    assert not left.covers(tft("2.0000001"))


def test_each_machine_that_starts_takes_its_first_hour():
    left = Allowance(tft("5"))
    started = 0
    while left.covers(tft("2")):
        left, started = left.less(tft("2")), started + 1
    assert (started, left) == (2, Allowance(tft("1")))


def test_the_sentence_says_how_much_is_missing():
    assert Allowance(tft("0.5")).why_not(tft("2")) == (
        "for TFT: the balance must cover an hour of all that runs, and 1.5000000 TFT are missing for one more machine"
    )


def test_when_even_what_runs_is_not_covered_nothing_starts():
    left = allowance(tft("1"), owed=Tft(0), running_per_hour=tft("3"))
    assert left == Allowance(tft("-2"))
    assert not left.covers(Tft(0))
    assert "3.0000000 TFT are missing" in left.why_not(tft("1"))


amounts = st.integers(0, 10**12).map(Tft)


@given(amounts, amounts, amounts, st.lists(amounts, max_size=10))
def test_what_is_started_never_promises_more_than_there_is(balance, owed, running, machines):
    left, promised = allowance(balance, owed, running), Tft(0)
    for per_hour in machines:
        if left.covers(per_hour):
            left, promised = left.less(per_hour), promised + per_hour
    assert promised == 0 or balance >= owed + running + promised
    assert type(left.left) is Tft
