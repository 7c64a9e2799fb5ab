"""Which thresholds are crossed, and which of them people are alerted about."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from billing.spending import crossings
from billing.spending.crossings import Crossing
from billing.spending.limit import Limit, Usage
from billing.spending_kinds import AlertKind, LimitPeriod, LimitScope
from tfci.core.tft import Tft

RENEWS_AT = datetime(2026, 6, 2, tzinfo=UTC)
LIMIT = Limit(3, LimitScope.TEAM, LimitPeriod.DAY, Tft(1000))


@pytest.mark.parametrize(
    "left, per_day, days",
    [
        (701, 100, []),
        (700, 100, [7]),
        (300, 100, [7, 3]),
        (100, 100, [7, 3, 1]),
        (1, 100, [7, 3, 1]),
        (0, 100, []),
        (-5, 100, []),
        (5, 0, []),
    ],
)
def test_days_left_at_a_rate(left, per_day, days):
    assert [one.threshold for one in crossings.of_balance(Tft(left), Tft(per_day), 9)] == days


@pytest.mark.parametrize(
    "spent, percent",
    [(499, []), (500, [50]), (799, [50]), (800, [50, 80]), (999, [50, 80]), (1000, [50, 80, 100])],
)
def test_percent_of_a_limit(spent, percent):
    found = crossings.of_limit(Usage(LIMIT, Tft(spent), RENEWS_AT))
    assert [one.threshold for one in found] == percent


def test_an_episode_ends_with_a_top_up_a_new_period_or_another_amount():
    [first] = crossings.of_limit(Usage(LIMIT, Tft(500), RENEWS_AT))
    for other in (
        Usage(LIMIT, Tft(500), RENEWS_AT.replace(day=3)),
        Usage(replace(LIMIT, amount=Tft(900)), Tft(500), RENEWS_AT),
    ):
        assert crossings.new(crossings.of_limit(other), [first])
    assert not crossings.new(crossings.of_limit(Usage(LIMIT, Tft(600), RENEWS_AT)), [first])
    before, after = (crossings.of_balance(Tft(7), Tft(1), top_up) for top_up in (4, 9))
    assert crossings.new(after, before) == [(after[0], True)]


def test_of_several_that_are_new_at_once_the_most_urgent_is_told():
    crossed = [
        *crossings.of_limit(Usage(LIMIT, Tft(1000), RENEWS_AT)),
        *crossings.of_balance(Tft(3), Tft(1), 4),
    ]
    told = [(one.kind, one.threshold) for one, is_told in crossings.new(crossed, []) if is_told]
    assert told == [(AlertKind.LIMIT, 100), (AlertKind.DAYS_LEFT, 3)]


@given(spent=st.lists(st.integers(0, 2000), max_size=30))
def test_each_threshold_is_told_at_most_once_however_spending_goes(spent):
    known: list[Crossing] = []
    told = []
    for amount in spent:
        for one, is_told in crossings.new(crossings.of_limit(Usage(LIMIT, Tft(amount), RENEWS_AT)), known):
            known.append(one)
            told += [one.threshold] * is_told
    assert len(told) == len(set(told))
    assert told == sorted(told)
    assert (100 in told) == any(amount >= 1000 for amount in spent)
