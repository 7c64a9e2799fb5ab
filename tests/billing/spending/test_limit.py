"""The rule of spending limits: what may start, or which limit keeps it from that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from billing.spending import limit
from billing.spending.limit import Limit, LimitRoom, RunningVM, Usage
from billing.spending_kinds import LimitPeriod, LimitScope
from tfci.core.tft import Tft

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MIDNIGHT, MONTH_END = NOON + timedelta(hours=12), datetime(2026, 7, 1, tzinfo=UTC)
TEN = Tft.parse("10")
TEAM = Limit(1, LimitScope.TEAM, LimitPeriod.DAY, TEN)
POOL = Limit(2, LimitScope.POOL, LimitPeriod.DAY, TEN, pool_id=7, name="linux")
REPOSITORY = Limit(3, LimitScope.REPOSITORY, LimitPeriod.DAY, TEN, repository="acme/App", name="acme/App")


def used(one, tft, renews_at=MIDNIGHT):
    return Usage(one, Tft.parse(tft), renews_at)


@pytest.mark.parametrize(
    "one, pool_id, repository, counts",
    [
        (TEAM, None, "", True),
        (TEAM, 7, "acme/app", True),
        (POOL, 7, "", True),
        (POOL, 8, "", False),
        (POOL, None, "", False),
        (REPOSITORY, 8, "acme/app", True),
        (REPOSITORY, 7, "acme/apple", False),
        (REPOSITORY, 7, "", False),
    ],
)
def test_whose_spending_a_limit_counts(one, pool_id, repository, counts):
    assert one.counts(pool_id, repository) == counts


@pytest.mark.parametrize(
    "spent, is_spent, percent",
    [("0", False, 0), ("9.9999999", False, 99), ("10", True, 100), ("25", True, 250), ("-1", False, 0)],
)
def test_it_is_reached_with_the_last_unit_of_it(spent, is_spent, percent):
    usage = used(TEAM, spent)
    assert (usage.is_spent, usage.percent) == (is_spent, percent)
    assert bool(LimitRoom([usage]).spent(7, "acme/app")) == is_spent


def test_what_vms_have_run_up_counts_with_what_was_charged():
    vms = [
        RunningVM(7, "acme/app", Tft.parse("12"), Tft.parse("0.5")),
        RunningVM(8, "acme/other", Tft.parse("24"), Tft.parse("2")),
    ]
    found = {one.id: limit.usage(one, Tft.parse("3"), MIDNIGHT, vms) for one in (TEAM, POOL, REPOSITORY)}
    assert {pk: (str(usage.spent), str(usage.ahead)) for pk, usage in found.items()} == {
        1: ("5.5000000", "3.0000000"),
        2: ("3.5000000", "1.0000000"),
        3: ("3.5000000", "1.0000000"),
    }


def test_a_limit_of_another_pool_or_repository_stops_nothing_here():
    room = LimitRoom([used(POOL, "11"), used(REPOSITORY, "11")])
    assert room.spent(8, "acme/other") is None
    assert room.full(8, "acme/other") is None
    assert room.spent(7, "acme/other").limit == POOL
    assert room.spent(8, "acme/app").limit == REPOSITORY


def test_one_that_only_warns_stops_nothing():
    assert LimitRoom([used(replace(TEAM, stops=False), "11")]).full(7) is None


def test_of_several_that_are_reached_the_one_that_renews_last_is_named():
    month = replace(TEAM, id=9, period=LimitPeriod.MONTH)
    room = LimitRoom([used(TEAM, "11"), used(month, "10", MONTH_END), used(POOL, "12")])
    assert room.spent(7).limit == month


def test_vms_that_start_together_leave_room_for_each_other():
    room = LimitRoom([used(TEAM, "9.5")])
    rate = Tft.parse("3")  # 0.25 in five minutes
    started = 0
    while room.full(7) is None:
        room.start(7, "", rate)
        started += 1
    assert started == 2
    assert room.spent(7) is None


def test_the_first_vm_starts_however_dear_it_is():
    room = LimitRoom([used(TEAM, "0")])
    assert room.full(7) is None
    room.start(7, "", Tft.parse("1000"))
    assert room.full(7).limit == TEAM


@given(
    amount=st.integers(1, 10**12),
    charged=st.integers(0, 10**12),
    vms=st.lists(st.tuples(st.integers(0, 10**10), st.integers(0, 10**10)), max_size=5),
)
def test_more_spent_never_allows_more(amount, charged, vms):
    one = replace(TEAM, amount=Tft(amount))
    running = [RunningVM(7, "", Tft(per_hour), Tft(owed)) for per_hour, owed in vms]
    usage = limit.usage(one, Tft(charged), MIDNIGHT, running)
    more = limit.usage(one, Tft(charged + 1), MIDNIGHT, running)
    assert usage.spent + 1 == more.spent
    assert usage.is_full <= more.is_full and usage.is_spent <= more.is_spent
    assert usage.is_spent <= usage.is_full


@pytest.mark.parametrize(
    "cost, found", [("1.9999999", None), ("2", 5), ("3", 5), ("4", 4), ("9", 4)], ids=str
)
def test_a_job_is_over_the_lowest_limit_that_stops_it(cost, found):
    limits = [
        Limit(4, LimitScope.TEAM, LimitPeriod.JOB, Tft.parse("4")),
        Limit(5, LimitScope.POOL, LimitPeriod.JOB, Tft.parse("2"), stops=False, pool_id=7),
        Limit(6, LimitScope.POOL, LimitPeriod.JOB, Tft.parse("1"), pool_id=8),
        replace(TEAM, id=7, amount=Tft(1)),
    ]
    over = limit.exceeded(limits, 7, "acme/app", Tft.parse(cost))
    assert (over.id if over else None) == found
