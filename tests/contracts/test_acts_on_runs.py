"""The protocols `RerunsJobs` and `CancelsRuns`."""

from contextlib import suppress

import pytest

from tests.contracts.forges import ended, eventually, has, implements, on_a_runner, queued
from tfci.forges.errors import ForgeRefused, Unreachable
from tfci.forges.ports.forge import RerunsJobs


@implements(RerunsJobs)
def test_a_rerun_brings_a_job_that_ended_back_into_the_queue(connection, driver, acting):
    job = queued(driver, connection, "small")
    on_a_runner(driver, connection, job)[1].finish("FAILURE")
    ended(driver, job)
    acting.rerun(job.repository, job.run_id, job.job_id)
    (again,) = eventually(driver.waiting_jobs)
    assert (again.name, again.labels, again.status) == (job.name, job.labels, "queued")


@implements(RerunsJobs)
@has("rerun one")
def test_one_job_that_has_ended_runs_again_with_those_that_need_it(connection, driver, acting):
    needing = {"runs-on": ["b"], "needs": ["build"]}
    connection.push({"build": {"runs-on": ["a"]}, "other": {"runs-on": ["c"]}, "test": needing})
    eventually(lambda: len(driver.waiting_jobs()) == 3)
    for label in ("a", "b", "c"):
        job = eventually(lambda wanted=label: [j for j in driver.waiting_jobs() if j.labels == (wanted,)])[0]
        on_a_runner(driver, connection, job, name=f"vm-{label}")[1].finish(
            "FAILURE" if label == "c" else "SUCCESS"
        )
    first = driver.job(job.repository, job.run_id, str(int(job.job_id) - 1))
    acting.rerun(first.repository, first.run_id, first.job_id)
    again = eventually(driver.waiting_jobs)
    assert {(job.labels, job.status) for job in again} == {(("a",), "queued"), (("b",), "waiting")}
    assert first.job_id in {job.job_id for job in again}


def test_a_run_that_is_cancelled_is_over(connection, driver, acting):
    job = queued(driver, connection, "x")
    acting.cancel(job.repository, job.run_id)
    seen = driver.job(job.repository, job.run_id, job.job_id)
    assert (seen.status, seen.conclusion) == ("completed", "cancelled")


def test_a_job_whose_runner_is_gone_ends_with_its_run(connection, driver, acting):
    """The runner goes first, as far as its forge lets it; some end the job with that."""
    job = queued(driver, connection, "x")
    registration, _ = on_a_runner(driver, connection, job)
    with suppress(Unreachable):
        acting.remove_runner(registration.runner_id)
    with suppress(ForgeRefused):
        acting.cancel(job.repository, job.run_id)
    seen = driver.job(job.repository, job.run_id, job.job_id)
    assert (seen.status, seen.conclusion, seen.picked_up) == ("completed", "cancelled", True)
    acting.remove_runner(registration.runner_id)


@implements(RerunsJobs)
@has("rerun one")
def test_what_has_not_ended_runs_not_again_and_what_has_is_not_cancelled(connection, driver, acting):
    job = queued(driver, connection, "x")
    with pytest.raises(ForgeRefused, match="not done"):
        acting.rerun(job.repository, job.run_id, job.job_id)
    acting.cancel(job.repository, job.run_id)
    with pytest.raises(ForgeRefused, match="already done"):
        acting.cancel(job.repository, job.run_id)


@has("scopes")
def test_a_token_that_may_not_change_runs_is_told_the_scope(connection):
    token = connection.token(
        [scope for scope in connection.scopes if "repository" not in scope] + ["read:repository"]
    )
    with pytest.raises(ForgeRefused, match=connection.writing):
        connection.driver(token=token).cancel(connection.repository, "1")
