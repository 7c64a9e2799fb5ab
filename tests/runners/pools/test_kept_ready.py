"""A pool's schedule, from its row to VMs that are ready at the hour, and what its jobs would have saved."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runners.models import VM, Pool
from runners.pools import kept_ready, ready_savings, reconcile
from runners.reasons.retirements import Idle
from tests.builders import NOON, a_job, a_node, a_pool, a_price, a_team, a_vm, a_wallet
from tfci.accounts.models import Team

pytestmark = pytest.mark.django_db

SMALL = "2cpu8gbram50gbssd"
MINUTE = timedelta(minutes=1)
# NOON is a Monday's, in UTC; 14:00 in Brussels.
AFTERNOON = {"size": "small", "vms": 2, "weekdays": ["mon"], "from_hour": 14, "to_hour": 18}


@pytest.fixture
def pool():
    a_price()
    a_node()
    pool = a_pool(a_team(time_zone="Europe/Brussels"), schedule=[AFTERNOON], max_vms=4, linger_minutes=5)
    a_wallet(pool.team)
    return pool


def alive(pool, at):
    reconcile.run(pool.pk, at)
    return VM.objects.alive().unretired().count()


def test_vms_are_ordered_so_early_that_they_are_ready_at_the_hour(pool):
    gone = {"claimed_at": NOON - timedelta(days=1) + 4 * MINUTE, "created_at": NOON - timedelta(days=1)}
    a_vm("gone", pool, **gone)
    found = [alive(pool, NOON - minutes * MINUTE) for minutes in (60, 5, 4, 0)]
    assert found == [0, 0, 2, 2]


def test_without_any_record_they_start_a_minute_ahead(pool):
    assert [alive(pool, NOON - seconds * MINUTE / 60) for seconds in (61, 60)] == [0, 2]


def test_after_the_last_hour_idle_ones_end_by_the_idle_timeout(pool):
    evening = NOON + timedelta(hours=4)
    for _ in range(2):
        a_vm("standby", pool, state_changed_at=evening - 3 * MINUTE)
    assert alive(pool, evening - MINUTE) == 2
    assert alive(pool, evening) == 2
    assert alive(pool, evening + 2 * MINUTE) == 0
    assert VM.objects.first().typed_retire_reason == Idle(5)


def test_another_time_zone_of_the_team_counts_at_once(pool):
    Team.objects.update(time_zone="UTC")
    assert alive(pool, NOON) == 0


def test_a_pool_that_closes_keeps_none(pool):
    Pool.objects.update(closing_at=NOON)
    assert alive(pool, NOON) == 0


def test_no_schedule_asks_nothing_about_boots(pool, django_assert_num_queries):
    pool.schedule = []
    with django_assert_num_queries(0):
        assert kept_ready.numbers(pool, NOON) == {}


def test_a_usual_boot_is_the_sizes_own_else_that_of_others(pool):
    for minutes, cpu in ((2, 2), (4, 2), (6, 2), (20, 8)):
        a_vm("gone", pool, cpu=cpu, created_at=NOON, claimed_at=NOON + minutes * MINUTE)
    large, odd = "8cpu8gbram50gbssd", "1cpu1gbram1gbssd"
    found = kept_ready.usual_boots(pool, [SMALL, large, odd])
    assert found == {SMALL: 4 * MINUTE, large: 20 * MINUTE, odd: 5 * MINUTE}


def ran(pool, at, *, waited, state="completed"):
    """A job that came at `at` and waited so long for a VM that was ordered a second later."""
    vm = a_vm(
        "gone", pool, created_at=at + timedelta(seconds=1), claimed_at=at + timedelta(seconds=1) + waited
    )
    ended = at + timedelta(minutes=10)
    times = {"discovered_at": at, "started_at": at + timedelta(minutes=5), "completed_at": ended}
    return a_job(pool.connections.first(), state, pool=pool, vm=vm, **times)


def test_what_it_would_have_saved_is_each_jobs_own_wait(pool):
    for hours in range(ready_savings.MIN_JOBS):  # one an hour from noon on: four while it holds
        ran(pool, NOON + timedelta(hours=hours), waited=timedelta(seconds=90))
    now = NOON + timedelta(days=1)
    found = ready_savings.of_last_days(pool, kept_ready.schedule(pool), now)
    assert (found.jobs, found.whole, found.since) == (20, True, now - timedelta(days=30))
    assert (found.saved.jobs, found.saved.waiting) == (4, timedelta(seconds=360))


def test_too_few_jobs_say_nothing(pool):
    for hours in range(ready_savings.MIN_JOBS - 1):
        ran(pool, NOON + timedelta(hours=hours), waited=MINUTE)
    ran(pool, NOON - timedelta(days=31), waited=MINUTE)
    assert ready_savings.of_last_days(pool, kept_ready.schedule(pool), NOON + timedelta(days=1)) is None
    assert ready_savings.of_last_days(Pool(team=pool.team), kept_ready.schedule(pool), timezone.now()) is None
