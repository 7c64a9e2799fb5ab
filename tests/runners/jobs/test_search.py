"""A team's jobs by what is asked for: each filter, together, and never more rows looked at than is allowed."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from runners.jobs import search
from runners.jobs.search import JobFilter
from tests.builders import NOON, a_connection, a_job, a_pool, a_team, a_vm, an_ended_job

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def team():
    return a_team()


@pytest.fixture
def connection(team):
    return a_connection(team, name="acme")


@pytest.fixture
def pool(team, connection):
    return a_pool(team, [connection])


def found(team, wanted, query="", size=50):
    return [job.pk for job in search.find(team, wanted, QueryDict(query), size).page.items]


def the_one(connection, pool):
    """A job that has something of everything, and a VM that ran out of memory."""
    names = {"repository": "acme/app", "branch": "fix/replay", "workflow": "ci.yml", "name": "fuzz"}
    return an_ended_job(
        pool, connection=connection, end={"done_cause": "out_of_memory"}, labels=["gpu"], **names
    )


WANTED = {
    "forge": lambda job: JobFilter(forge="gitea", branch="fix/replay"),
    "connection": lambda job: JobFilter(connection=job.connection_id),
    "pool": lambda job: JobFilter(pool=job.pool_id),
    "node": lambda job: JobFilter(node=job.vm.node.node_id),
    "repository": lambda job: JobFilter(repository="acme/app"),
    "branch": lambda job: JobFilter(branch="fix/replay"),
    "workflow": lambda job: JobFilter(workflow="ci.yml"),
    "label": lambda job: JobFilter(label="gpu"),
    "conclusion": lambda job: JobFilter(conclusion="failure"),
    "cause": lambda job: JobFilter(cause="memory"),
    "cause and node": lambda job: JobFilter(cause="memory", node=job.vm.node.node_id),
    "text": lambda job: JobFilter(text="ACME fuzz ci"),
    "until": lambda job: JobFilter(until=NOON + HOUR / 2),
    "all": lambda job: JobFilter(
        cause="memory", repository="acme/app", label="gpu", text="replay", since=NOON
    ),
}


@pytest.mark.parametrize("wanted", WANTED.values(), ids=WANTED)
def test_each_filter_finds_what_has_it_and_leaves_the_rest(team, connection, pool, wanted):
    job = the_one(connection, pool)
    an_ended_job(a_pool(team), connection=a_connection(team), conclusion="success", discovered_at=NOON + HOUR)
    assert found(team, wanted(job)) == [job.pk]


def test_the_jobs_own_failure_is_told_from_a_vms(team, connection, pool):
    the_one(connection, pool)
    own = an_ended_job(pool)
    assert found(team, JobFilter(cause="code")) == [own.pk]


def test_a_cause_on_a_node_is_neither_anything_there_nor_that_cause_elsewhere(team, connection, pool):
    died = the_one(connection, pool)
    an_ended_job(pool, vm=a_vm("gone", pool, node=died.vm.node))
    the_one(connection, pool)
    assert found(team, JobFilter(cause="memory", node=died.vm.node.node_id)) == [died.pk]


def test_since_takes_its_own_moment_in_and_until_does_not(team, connection):
    jobs = [a_job(connection, discovered_at=NOON + n * HOUR).pk for n in range(4)]
    assert found(team, JobFilter(since=NOON + HOUR, until=NOON + 3 * HOUR)) == [jobs[2], jobs[1]]
    assert found(team, JobFilter(since=NOON + 24 * HOUR)) == []
    assert found(team, JobFilter(until=NOON)) == []


def test_another_teams_jobs_are_never_found(connection, pool):
    job, other = the_one(connection, pool), a_team()
    assert [found(other, wanted(job)) for wanted in WANTED.values()] == [[]] * len(WANTED)


def test_pages_both_ways_hold_each_job_once(team, connection):
    jobs = [a_job(connection).pk for _ in range(7)][::-1]
    assert found(team, JobFilter(connection=connection.pk), size=3) == jobs[:3]
    assert found(team, JobFilter(text="build"), f"older={jobs[2]}", size=3) == jobs[3:6]
    assert found(team, JobFilter(text="build"), f"newer={jobs[5]}", size=3) == jobs[2:5]


def test_a_page_stops_looking_and_the_next_one_goes_on_where_it_stopped(team, connection, monkeypatch):
    monkeypatch.setattr(search, "MAX_TRIED", 4)
    rare = a_job(connection, name="rare").pk
    for _ in range(9):
        a_job(connection)
    query, pages = "", []
    for _ in range(3):
        pages.append(search.find(team, JobFilter(text="rare"), QueryDict(query)))
        query = pages[-1].page.older.removeprefix("?")
    assert [[job.pk for job in one.page.items] for one in pages] == [[], [], [rare]]
    assert [one.tried for one in pages] == [4, 4, 0]


def test_looking_for_newer_ones_stops_likewise(team, connection, monkeypatch):
    monkeypatch.setattr(search, "MAX_TRIED", 4)
    jobs = [a_job(connection).pk for _ in range(11)]
    looked = search.find(team, JobFilter(text="rare"), QueryDict(f"newer={jobs[0]}"))
    assert (looked.page.items, looked.tried) == ([], 4)
    assert looked.page.newer == f"?newer={jobs[5]}"


def test_repositories_are_named_once_each_and_found_in_any_case(team, connection):
    for name in ("b/two", "a/One", "b/two", "a/One"):
        a_job(connection, repository=name)
    assert search.repositories(team) == ["a/One", "b/two"]
    assert search.canonical_name(team, "A/ONE") == "a/One"
    assert search.canonical_name(team, "no/such") == "no/such"


def test_what_is_not_ours_shows_only_where_it_is_asked_for(team, connection):
    ours, theirs = a_job(connection), a_job(connection, state="not_ours", ours=False)
    ended = a_job(connection, state="completed", ours=False)
    assert found(team, JobFilter()) == [ours.pk]
    assert found(team, JobFilter(ours=False)) == [ended.pk, theirs.pk]
