"""A job's log, read from its forge while somebody looks at it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as NoValkey

from runners.jobs import logs
from runners.models import Job
from runners.reasons.logs import (
    LogAfterEnd,
    LogDisconnected,
    LogEmpty,
    LogMissing,
    LogNotStarted,
    LogOldAttempt,
    LogReading,
    LogRefused,
    LogTeamLimit,
    LogUnread,
)
from tests.builders import NOON, a_connection, a_job
from tests.worlds import a_world
from tfci.core import permits
from tfci.forges.errors import ForgeRefused, Unreachable
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _nothing_kept():
    cache.clear()


@pytest.fixture
def world():
    return a_world()


@pytest.fixture
def read(world):
    gateways, forge, _, _ = world
    forge.reads = 0
    before = forge.log

    def counted(*asked):
        forge.reads += 1
        return before(*asked)

    forge.log = counted
    return lambda job, now=NOON: logs.read(job, gateways, now)


@pytest.fixture
def forge(world):
    return world[1]


def running(of="acme", **fields):
    return a_job(a_connection(name=of), "in_progress", started_at=NOON, **fields)


def over(**fields):
    return a_job(a_connection(name="acme"), "completed", started_at=NOON, completed_at=NOON, **fields)


def test_the_log_of_a_running_job_is_read_again_after_some_seconds_for_all_who_look(read, forge):
    job = running()
    forge.logs[job.forge_job_id] = "one\n"
    assert [read(job).text, read(job).text, forge.reads] == ["one\n", "one\n", 1]
    forge.logs[job.forge_job_id] += "two\n"
    later = read(job, NOON + logs.FRESH)
    assert (later.text, later.ended, forge.reads) == ("one\ntwo\n", False, 2)
    assert logs.pause(job, later, NOON) == logs.FRESH


def test_a_log_that_has_ended_is_read_once(read, forge):
    job = over()
    forge.logs[job.forge_job_id] = "all\n"
    seen = read(job)
    assert (seen.ended, logs.pause(job, seen, NOON)) == (True, None)
    read(job, NOON + 60 * SECOND)
    assert forge.reads == 1


def test_what_is_kept_is_not_readable_in_valkey(read, forge):
    job = running()
    forge.logs[job.forge_job_id] = "a secret word\n" * 9
    read(job)
    assert "secret" not in cache.get(f"job_log:{job.pk}")


def test_a_job_that_has_not_begun_costs_no_call(read, forge):
    seen = read(a_job(a_connection(), "queued"))
    assert (seen.reason, forge.reads) == (LogNotStarted(), 0)


def test_github_gives_no_log_before_the_end_and_is_not_asked(read, forge):
    job = running()
    Connection.objects.update(forge="github")
    job.refresh_from_db()
    seen = read(job)
    assert (seen.reason, forge.reads) == (LogAfterEnd("GitHub"), 0)
    assert logs.pause(job, seen, NOON) == logs.FRESH


def test_before_the_first_line_there_is_none_and_after_the_end_it_may_still_be_stored(read):
    job, ended = running("other"), over()
    assert read(job).reason == LogEmpty("other")
    seen = read(ended)
    assert seen.reason == LogMissing("acme")
    assert logs.pause(ended, seen, NOON) == logs.PAUSE
    assert logs.pause(ended, seen, NOON + logs.SETTLING + SECOND) is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unreachable("no answer"), LogUnread("acme", "no answer")),
        (ForgeRefused("no scope"), LogRefused("acme", "no scope")),
    ],
)
def test_a_forge_that_fails_is_left_alone_for_a_while_and_what_was_read_stays(read, forge, error, reason):
    job = running()
    forge.logs[job.forge_job_id] = "one\n"
    read(job)
    forge.broken = error
    failed = read(job, NOON + logs.FRESH)
    assert (failed.text, failed.read_at, failed.reason) == ("one\n", NOON, reason)
    assert read(job, NOON + logs.FRESH + SECOND) == failed
    assert (forge.reads, logs.pause(job, failed, NOON)) == (2, logs.PAUSE)
    forge.broken = None
    assert read(job, NOON + logs.FRESH + logs.PAUSE).reason is None


def test_one_read_may_take_some_seconds_and_no_more(read, forge):
    job, left = running(), []
    forge.log = lambda *asked: left.append(permits._until.get()) or ""
    read(job)
    assert left[0] < float("inf")


def test_a_team_reads_one_log_at_a_time(read, forge):
    job, other = running(), running("other")
    forge.logs |= {job.forge_job_id: "one\n", other.forge_job_id: "other\n"}
    seen = []
    inner = forge.log

    def slow(*asked):
        Job.objects.filter(pk=other.pk).update(team=job.team)
        other.refresh_from_db()
        seen.append(read(other))
        return inner(*asked)

    forge.log = slow
    assert read(job).text == "one\n"
    assert seen[0].reason == LogReading()
    assert logs.pause(other, seen[0], NOON) == SECOND
    forge.log = inner
    assert read(other).text == "other\n"


def test_a_team_reads_so_often_in_a_minute_and_another_team_goes_on(read, forge, monkeypatch):
    monkeypatch.setattr(logs, "READS", 2)
    job, foreign = running(), running("theirs")
    forge.logs |= {job.forge_job_id: "one\n", foreign.forge_job_id: "theirs\n"}
    for n in range(3):
        seen = read(job, NOON + n * logs.FRESH)
    assert (seen.text, seen.reason) == ("one\n", LogTeamLimit(2))
    assert read(foreign).reason is None
    assert read(job, NOON + timedelta(minutes=1)).reason is None


def test_an_attempt_whose_log_was_replaced_shows_no_other_attempts_log(read, forge):
    job = over(forge_job_id="7", attempt=1)
    a_job(job.connection, "in_progress", forge_job_id="7", attempt=2)
    forge.logs["7"] = "of the second\n"
    seen = read(job)
    assert (seen.reason, seen.text) == (LogOldAttempt("Gitea"), "")
    assert logs.pause(job, seen, NOON) is None


def test_a_connection_that_has_ended_is_not_asked(read, forge):
    job = over()
    Connection.objects.update(disconnected_at=NOON)
    job.refresh_from_db()
    assert (read(job).reason, forge.reads) == (LogDisconnected("acme"), 0)


def test_a_log_that_is_longer_than_is_read_begins_with_a_whole_line_and_is_read_less_often(read, forge):
    job = running()
    forge.logs[job.forge_job_id] = "cut\n" + "x" * logs.LONGEST
    seen = read(job)
    assert (seen.whole, seen.text[:3]) == (False, "xxx")
    assert logs.pause(job, seen, NOON) == logs.PAUSE


def test_without_valkey_logs_are_read_each_time(read, forge, monkeypatch):
    def down(*_, **__):
        raise NoValkey("down")

    for name in ("get", "set", "add", "incr", "delete"):
        monkeypatch.setattr(cache, name, down, raising=False)
    job = running()
    forge.logs[job.forge_job_id] = "one\n"
    assert [read(job).text, read(job).text, forge.reads] == ["one\n", "one\n", 2]
