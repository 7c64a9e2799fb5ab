"""How long jobs waited of late, over all teams."""

from datetime import timedelta

import pytest

from runners.jobs import wait_stats
from tests.builders import NOON, a_connection, a_node, a_pool, a_started_job, a_team

pytestmark = pytest.mark.django_db

DAY = NOON - timedelta(days=1)


def second(n):
    return NOON + timedelta(seconds=n)


@pytest.fixture
def house():
    team = a_team()
    return a_pool(team, [a_connection(team)]), a_node(region="Europe")


def test_half_and_nineteen_of_twenty_are_those_of_jobs_that_there_were(house):
    for n in range(1, 21):
        a_started_job(*house, waited=n)
    found = wait_stats.measure(DAY).start
    assert (found.jobs, found.p50, found.p95) == (20, timedelta(seconds=10), timedelta(seconds=19))


def test_each_leg_has_its_own_figures(house):
    for _ in range(wait_stats.MIN_JOBS):
        a_started_job(*house, waited=30)
    phases = wait_stats.measure(DAY).phases
    assert phases["heard"].p50 == timedelta(seconds=1)
    assert "decided" not in phases  # nobody noted it


def test_too_few_jobs_say_nothing(house):
    for _ in range(wait_stats.MIN_JOBS - 1):
        a_started_job(*house)
    found = wait_stats.measure(DAY)
    assert (found.jobs, found.start, found.phases) == (wait_stats.MIN_JOBS - 1, None, {})


def test_what_started_before_is_left_out(house):
    for _ in range(wait_stats.MIN_JOBS):
        a_started_job(*house, at=DAY - timedelta(seconds=1))
    assert wait_stats.measure(DAY).jobs == 0


def test_a_region_is_shown_only_where_several_teams_hide_each_other(house):
    pool, node = house
    for _ in range(wait_stats.MIN_JOBS):
        a_started_job(pool, node)
    assert wait_stats.measure(DAY).regions == {}
    for _ in range(wait_stats.MIN_TEAMS - 1):
        team = a_team()
        a_started_job(a_pool(team, [a_connection(team)]), node)
    assert list(wait_stats.measure(DAY).regions) == ["Europe"]


def test_a_region_with_too_few_jobs_is_not_shown(house):
    for _ in range(wait_stats.MIN_TEAMS):
        team = a_team()
        a_started_job(a_pool(team, [a_connection(team)]), a_node(region="Asia"))
    assert wait_stats.measure(DAY).regions == {}


def test_it_asks_once_and_says_when_it_did_not_read_all(house, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(wait_stats, "MAX_JOBS", 2)
    for _ in range(3):
        a_started_job(*house)
    with django_assert_num_queries(1):
        found = wait_stats.measure(DAY)
    assert (found.jobs, found.whole) == (2, False)


def test_a_forge_whose_clock_is_ahead_makes_no_wait_negative(house):
    runner = a_started_job(*house, queued_at=second(60))
    assert wait_stats.waited(runner) == timedelta()
