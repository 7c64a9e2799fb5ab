"""Jobs played again against VMs kept ready: who would have found one, and what that saves."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from runners.pools.ready_replay import Arrival, Saved, replay
from runners.pools.schedule import Schedule, ScheduleRow

SMALL, LARGE = "2cpu8gbram50gbssd", "8cpu32gbram200gbssd"
MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
BOOTS = {SMALL: timedelta(minutes=3), LARGE: timedelta(minutes=3)}
WORKING = ScheduleRow(SMALL, 1, frozenset(range(5)), 8, 18)


def a_job(minute, waited=180, ran=60, size=SMALL):
    """At that minute from Monday, 08:00 on."""
    at = MONDAY + timedelta(hours=8, minutes=minute)
    return Arrival(at, size, timedelta(seconds=waited), timedelta(minutes=ran))


def played(jobs, *rows, base=None, max_vms=10):
    schedule = Schedule(base or {}, rows, ZoneInfo("UTC"))
    found = replay(jobs, schedule, BOOTS, max_vms)
    return found.jobs, found.waiting.total_seconds()


@pytest.mark.parametrize(
    "jobs, rows, saved",
    [
        ([], [WORKING], (0, 0)),
        ([a_job(0)], [], (0, 0)),
        ([a_job(0)], [WORKING], (1, 180)),  # ready at the hour
        ([a_job(-1)], [WORKING], (0, 0)),
        ([a_job(600)], [WORKING], (0, 0)),  # 18:00
        ([a_job(0, size=LARGE)], [WORKING], (0, 0)),
        ([a_job(0, waited=0)], [WORKING], (0, 0)),  # it did find one
        ([a_job(0), a_job(2)], [WORKING], (1, 180)),  # the next one boots
        ([a_job(0), a_job(3, waited=40)], [WORKING], (2, 220)),  # and is ready
        ([a_job(3, waited=40), a_job(0)], [WORKING], (2, 220)),  # in any order
        ([a_job(0, waited=0), a_job(2)], [WORKING], (0, 0)),  # a job that did not wait takes it too
    ],
)
def test_a_job_that_finds_a_vm_ready_saves_its_own_wait(jobs, rows, saved):
    assert played(jobs, *rows) == saved


def test_a_number_that_holds_around_the_clock_counts_as_well():
    assert played([a_job(-300), a_job(-299)], base={SMALL: 2}) == (2, 360)


def test_within_the_maximum_a_vm_is_replaced_when_a_job_ends():
    jobs = [a_job(0, ran=30), a_job(32)]
    assert played(jobs, WORKING, max_vms=2) == (2, 360)
    assert played(jobs, WORKING, max_vms=1) == (1, 180)  # it boots from 08:30 on
    assert played([a_job(0, ran=30), a_job(33)], WORKING, max_vms=1) == (2, 360)


def test_jobs_come_before_what_is_kept_ready():
    jobs = [a_job(0, size=LARGE, ran=600), a_job(10)]
    assert played(jobs, WORKING, max_vms=1) == (0, 0)


jobs = st.lists(
    st.builds(
        a_job,
        st.integers(-600, 3000),
        st.integers(0, 300),
        st.integers(0, 120),
        st.sampled_from([SMALL, LARGE]),
    ),
    max_size=40,
)


@given(jobs, st.integers(0, 5), st.integers(1, 6))
def test_nothing_is_saved_that_was_not_waited_for(jobs, vms, max_vms):
    count, seconds = played(jobs, base={SMALL: vms}, max_vms=max_vms)
    waited = [job.waited.total_seconds() for job in jobs if job.size == SMALL and job.waited]
    assert count <= len(waited)
    assert min(waited, default=0) * count <= seconds <= sum(sorted(waited, reverse=True)[:count])


@given(jobs)
def test_with_a_vm_for_each_job_all_waits_are_saved(jobs):
    waited = sum((job.waited for job in jobs), timedelta())
    found = replay(jobs, Schedule({SMALL: 40, LARGE: 40}, [], ZoneInfo("UTC")), BOOTS, 200)
    assert found == Saved(sum(bool(job.waited) for job in jobs), waited)


@given(jobs, st.integers(0, 4))
def test_one_vm_more_never_saves_less_where_there_is_room(jobs, vms):
    fewer = played(jobs, base={SMALL: vms}, max_vms=1000)
    assert fewer <= played(jobs, base={SMALL: vms + 1}, max_vms=1000)
