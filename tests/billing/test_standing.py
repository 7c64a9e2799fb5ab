"""How a wallet stands to what it pays for: covered, warned, spent; and how far below the floor it can get."""

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from billing import pricing
from billing.budgets import GRACE, PERIOD, WARNING, Runway, Standing, Warned, standing
from tests.builders import NOON
from tfci.core.tft import Tft

LONG_AGO = NOON - timedelta(hours=1)
JUST_NOW = NOON - GRACE + timedelta(seconds=1)


def tft(text):
    return Tft.parse(text)


@pytest.mark.parametrize(
    "room, per_hour, warned_at, spent_at, expected",
    [
        ("30", "60", None, None, Standing.COVERED),
        ("29.9", "60", None, None, Standing.WARNED),
        ("1", "60", LONG_AGO, None, Standing.WARNED),
        ("0.9", "60", LONG_AGO, None, Standing.SPENT),
        ("-500", "60", JUST_NOW, None, Standing.WARNED),  # a chance for its jobs, though it fell at a stroke
        ("-500", "60", None, None, Standing.WARNED),
        ("-500", "60", NOON - GRACE, None, Standing.SPENT),
        ("-500", "0", LONG_AGO, None, Standing.COVERED),  # there is nothing to end
        ("0", "0", LONG_AGO, NOON, Standing.SPENT),
        ("60", "60", LONG_AGO, NOON, Standing.COVERED),
    ],
)
def test_each_case(room, per_hour, warned_at, spent_at, expected):
    before = Warned(warned_at, spent_at)
    assert standing(Runway(tft(room), tft(per_hour)), before, NOON) == expected


@given(
    per_hour=st.integers(10**6, 10**12).map(Tft),
    minutes=st.integers(60, 180),
    ends=st.sets(st.integers(1, 600), max_size=3),
    teardown=st.integers(0, 60),
)
def test_the_balance_never_falls_below_the_floor_by_more_than_one_period(per_hour, minutes, ends, teardown):
    """VMs start with an hour covered. At any minute some end by themselves; at the floor the rest do, and each goes
    on costing until its removal is confirmed, within a period."""
    room, rate, warned_at, now = pricing.cost(per_hour, minutes * 60_000), per_hour, None, NOON
    for minute in range(8 * 180 + 1):
        told = standing(Runway(room, rate), Warned(warned_at), now)
        if told == Standing.SPENT:
            break
        warned_at = (warned_at or now) if told == Standing.WARNED else None
        room, now = room - pricing.cost(rate, PERIOD // timedelta(milliseconds=1)), now + PERIOD
        rate = Tft(rate // 2 + 1) if minute in ends else rate
    assert told == Standing.SPENT
    assert now - warned_at >= WARNING / 2
    period = pricing.cost(rate, PERIOD // timedelta(milliseconds=1))
    assert -period <= room - pricing.cost(rate, teardown * 1000) < period
