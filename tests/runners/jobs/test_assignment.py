"""Pools change, and each job that no machine serves yet gets its pool anew."""

from dataclasses import replace

import pytest

from runners.jobs import assignment, ingest
from runners.models import Job
from tests.builders import NOON, a_job, a_pool, an_org
from tfci.forges.facts import JobSeen

pytestmark = pytest.mark.django_db

QUEUED = JobSeen("9", "4", "acme/app", "build", ("small",), "queued", created_at=NOON)


@pytest.fixture
def org():
    org = an_org()
    a_pool(org.team, [org], name="first")
    return org


def the_job():
    return Job.objects.get(forge_job_id=QUEUED.job_id)


def test_a_new_pool_takes_the_jobs_that_were_refused():
    org = an_org()
    ingest.observe(org, QUEUED, NOON)
    assert the_job().state == "refused"
    pool = a_pool(org.team, [org])
    effects = assignment.rematch(org.team)
    assert (the_job().state, the_job().pool) == ("queued", pool)
    assert effects.pools == {pool.pk}


def test_a_refusal_tells_the_pools_present_numbers(org):
    ingest.observe(org, replace(QUEUED, labels=("32cpu64gbram50gbssd",)), NOON)
    assert the_job().reason_params["largest"] == 16
    org.team.pool_set.update(sizes=["large"])
    assignment.rematch(org.team)
    assert the_job().reason_params["largest"] == 8


def test_a_running_job_keeps_its_pool(org):
    pool = org.team.pool_set.get()
    job = a_job(org, "in_progress", pool=pool)
    pool.closing_at = NOON
    pool.save()
    assignment.rematch(org.team)
    job.refresh_from_db()
    assert job.pool == pool


def test_a_closed_pool_lets_its_queued_jobs_go_to_the_next(org):
    ingest.observe(org, QUEUED, NOON)
    org.team.pool_set.update(closing_at=NOON)
    other = a_pool(org.team, [org], name="other")
    assignment.rematch(org.team)
    assert the_job().pool == other
