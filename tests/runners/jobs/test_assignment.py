"""Pools change, and each job that no VM serves yet gets its pool anew."""

from dataclasses import replace

import pytest

from runners.jobs import assignment, ingest
from runners.models import Job
from tests.builders import NOON, a_connection, a_job, a_pool
from tfci.forges.facts import JobSeen

pytestmark = pytest.mark.django_db

QUEUED = JobSeen("9", "4", "acme/app", "build", ("small",), "queued", created_at=NOON)


@pytest.fixture
def connection():
    connection = a_connection()
    a_pool(connection.team, [connection], name="first")
    return connection


def the_job():
    return Job.objects.get(forge_job_id=QUEUED.job_id)


def test_a_new_pool_takes_the_jobs_that_were_refused():
    connection = a_connection()
    ingest.observe(connection, QUEUED, NOON)
    assert the_job().state == "refused"
    pool = a_pool(connection.team, [connection])
    effects = assignment.rematch(connection.team)
    assert (the_job().state, the_job().pool) == ("queued", pool)
    assert effects.pools == {pool.pk}


def test_a_refusal_tells_the_pools_present_numbers(connection):
    ingest.observe(connection, replace(QUEUED, labels=("32cpu64gbram50gbssd",)), NOON)
    assert the_job().reason_params["largest"] == 16
    connection.team.pool_set.update(sizes=["large"])
    assignment.rematch(connection.team)
    assert the_job().reason_params["largest"] == 8


def test_a_running_job_keeps_its_pool(connection):
    pool = connection.team.pool_set.get()
    job = a_job(connection, "in_progress", pool=pool)
    pool.closing_at = NOON
    pool.save()
    assignment.rematch(connection.team)
    job.refresh_from_db()
    assert job.pool == pool


def test_a_closed_pool_lets_its_queued_jobs_go_to_the_next(connection):
    ingest.observe(connection, QUEUED, NOON)
    connection.team.pool_set.update(closing_at=NOON)
    other = a_pool(connection.team, [connection], name="other")
    assignment.rematch(connection.team)
    assert the_job().pool == other
