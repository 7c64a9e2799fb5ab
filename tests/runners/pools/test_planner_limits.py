"""Planning within a team's own spending limits."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from billing.spending.limit import Limit, LimitRoom, Usage
from billing.spending_kinds import LimitPeriod, LimitScope
from runners.pools import planner
from runners.pools.plans import PoolSeen
from runners.reasons.retirements import LimitReached
from runners.reasons.waits import NoNodeFits, StoppedByLimit
from tests.runners.pools.test_planner import NOON, Ground, a_job, a_vm, limits, started
from tfci.core.tft import Tft

MIDNIGHT = NOON + timedelta(hours=12)
POOL = Limit(1, LimitScope.POOL, LimitPeriod.DAY, Tft(10), pool_id=1, name="linux")
REPOSITORY = Limit(2, LimitScope.REPOSITORY, LimitPeriod.DAY, Tft(10), repository="acme/app", name="acme/app")


def reached(limit, spent=10):
    return Usage(limit, Tft(spent), MIDNIGHT)


def of(repository, job):
    return replace(job, repository=repository)


def plan(jobs, vms, *usages, ground=None, **kept_ready):
    seen = [PoolSeen(1, jobs, vms, limits(**kept_ready)), PoolSeen(2, [a_job(90)], [], limits())]
    return planner.plan(seen, Ground(caps={"limits": LimitRoom(usages)}, **ground or {}), NOON)


def test_a_job_says_which_limit_stops_it_and_holds_nothing():
    made = plan([a_job(1), a_job(2)], [], reached(POOL, 11), ground={"left": 2})
    reason = StoppedByLimit(1, "pool", "day", "linux", 10, 11, MIDNIGHT.isoformat())
    assert made[1].held_up == {1: reason, 2: reason}
    assert started(made[1]) == []
    assert started(made[2]) == ["small"]  # which the balance would cover once


def test_a_job_of_another_repository_passes_by():
    jobs = [of("acme/app", a_job(1, minutes_ago=9)), of("acme/api", a_job(2))]
    made = plan(jobs, [], reached(REPOSITORY))[1]
    assert list(made.held_up) == [1]
    assert [start.job_id for start in made.start] == [2]


def test_a_vm_on_standby_is_not_given_to_a_job_that_is_stopped():
    jobs = [of("acme/app", a_job(1, minutes_ago=9)), of("acme/api", a_job(2))]
    made = plan(jobs, [a_vm(5)], reached(REPOSITORY))[1]
    assert {vm: demand.job_id for vm, demand in made.bind.items()} == {5: 2}


def test_a_job_whose_vm_is_on_its_way_keeps_it():
    waiting = replace(a_job(1), awaits=True)
    made = plan([waiting, a_job(2)], [a_vm(5, "booting")], reached(POOL))[1]
    assert made.vm_of_job == {1: 5}
    assert list(made.held_up) == [2]


def test_what_stands_by_or_is_kept_ready_goes_once_no_job_may_have_it():
    made = plan([], [a_vm(5), a_vm(6)], reached(POOL), small=2)[1]
    assert set(made.retire) == {5, 6}
    assert isinstance(made.retire[5], LimitReached)
    assert isinstance(made.not_ready["small"], StoppedByLimit)
    assert started(made) == []


def test_a_limit_of_a_repository_leaves_what_stands_by():
    made = plan([], [a_vm(5)], reached(REPOSITORY))[1]
    assert made.retire == {}


def test_no_more_start_at_once_than_the_limit_has_room_for():
    dear = Limit(1, LimitScope.TEAM, LimitPeriod.DAY, Tft(10))
    jobs = [a_job(number, size="large") for number in range(1, 9)]
    made = plan(jobs, [], Usage(dear, Tft(8), MIDNIGHT))[1]
    assert len(made.start) == 2  # each takes 1 of the 2 that are left
    assert {reason.spent for reason in made.held_up.values()} == {8}


def test_one_that_no_node_can_ever_take_is_refused_all_the_same():
    refused = replace(a_job(1), refused=True)
    never = NoNodeFits(1, ())
    made = plan([refused], [], reached(POOL), ground={"never": {"small": never}})[1]
    assert made.held_up == {1: never}


@pytest.mark.parametrize("spent, says", [(11, "is reached: 0.0000011 TFT spent"), (8, "leaves nothing for")])
def test_the_sentence_says_how_much_and_when_it_renews(spent, says):
    renews_at = datetime.fromisoformat("2026-06-02T00:00:00+02:00").isoformat()
    text = str(StoppedByLimit(1, "pool", "day", "linux", 10, spent, renews_at))
    assert says in text
    assert text.startswith("the spending limit of 0.000001 TFT a day for the pool linux")
    assert text.endswith("renews at 2026-06-02 00:00 UTC+0200")
