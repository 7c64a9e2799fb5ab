"""The protocol `ReadsJobs`: jobs, runs and logs as each kind of forge shows them."""

import pytest

from tests.contracts.forges import ended, eventually, has, on_a_runner, queued
from tfci.forges.errors import Gone


def test_a_job_waits_with_all_that_is_known_of_it(connection, driver):
    job = queued(driver, connection, "Small-GPU", "x")
    assert job.status == "queued"
    assert (job.repository, job.name, job.branch) == (connection.repository, "build", "main")
    assert job.labels == ("Small-GPU", "x")
    assert job.sha and job.url.startswith(connection.forge.url)
    assert job.created_at.utcoffset().total_seconds() == 0
    assert (job.runner_id, job.runner_name, job.conclusion) == (None, None, None)
    assert (job.started_at, job.completed_at) == (None, None)
    assert driver.job(job.repository, job.run_id, job.job_id) == job


@has("waiting")
def test_a_job_that_the_forge_holds_back_is_waiting_not_queued(connection, driver):
    connection.push({"first": {"runs-on": "x"}, "second": {"runs-on": "x", "needs": "first"}})
    jobs = eventually(lambda: len(seen := driver.waiting_jobs()) == 2 and seen)
    assert {job.name: job.status for job in jobs} == {"first": "queued", "second": "waiting"}


def test_more_jobs_than_a_page_has_are_all_seen_once(connection, driver):
    cells = [f"c{number}" for number in range(57)]
    connection.push({"grid": {"runs-on": "x", "strategy": {"matrix": {"cell": cells}}}})
    jobs = eventually(lambda: len(seen := driver.waiting_jobs()) >= 57 and seen)
    numbers = [int(job.job_id) for job in jobs]
    assert len(set(numbers)) == 57
    assert numbers == sorted(numbers)


@has("shows runner")
def test_a_job_in_progress_shows_its_runner(connection, driver):
    job = queued(driver, connection, "small")
    registration, _ = on_a_runner(driver, connection, job, name="vm-7")
    (seen,) = driver.running_jobs()
    assert (seen.job_id, seen.status) == (job.job_id, "in_progress")
    assert (seen.runner_id, seen.runner_name) == (registration.runner_id, "vm-7")
    assert driver.waiting_jobs() == []
    read = driver.job(job.repository, job.run_id, job.job_id)
    assert read.started_at is not None and read.completed_at is None


@pytest.mark.parametrize(("result", "conclusion"), [("SUCCESS", "success"), ("FAILURE", "failure")])
def test_a_job_that_has_ended_says_how_and_where_it_ran(connection, driver, result, conclusion):
    job = queued(driver, connection, "small")
    registration, engine = on_a_runner(driver, connection, job)
    engine.finish(result)
    seen = ended(driver, job)
    assert seen.conclusion == conclusion
    assert seen.by_handle or seen.runner_id == registration.runner_id
    assert seen.completed_at is not None
    assert driver.running_jobs() == driver.waiting_jobs() == []


@has("one-time runners")
def test_a_runner_is_gone_with_its_job(connection, driver):
    _, engine = on_a_runner(driver, connection, queued(driver, connection, "small"))
    engine.finish()
    eventually(lambda: driver.find("vm-1") is None)


@has("waiting")
def test_a_job_whose_need_failed_is_skipped(connection, driver):
    connection.push({"first": {"runs-on": "x"}, "second": {"runs-on": "x", "needs": "first"}})
    jobs = eventually(lambda: len(seen := driver.waiting_jobs()) == 2 and seen)
    first, second = sorted(jobs, key=lambda job: job.name)
    on_a_runner(driver, connection, first)[1].finish("FAILURE")
    seen = ended(driver, second)
    assert (seen.conclusion, seen.runner_id) == ("skipped", None)


def test_a_job_cancelled_while_queued_has_ended_without_a_runner(connection, driver):
    job = queued(driver, connection, "small")
    connection.cancel(job)
    seen = driver.job(job.repository, job.run_id, job.job_id)
    assert (seen.status, seen.conclusion, seen.runner_id) == ("completed", "cancelled", None)
    assert driver.waiting_jobs() == []


def test_a_job_cancelled_while_it_runs_shows_so_at_once_and_its_runner_can_be_forgotten(connection, driver):
    job = queued(driver, connection, "small")
    registration, _ = on_a_runner(driver, connection, job)
    connection.cancel(job)
    seen = driver.job(job.repository, job.run_id, job.job_id)
    assert (seen.status, seen.conclusion) == ("completed", "cancelled")
    driver.remove_runner(registration.runner_id)
    assert driver.find("vm-1") is None


def test_a_newer_push_cancels_the_older_run(connection, driver):
    connection.push({"build": {"runs-on": "x"}}, file="same")
    (older,) = eventually(driver.waiting_jobs)
    connection.push({"build": {"runs-on": "x"}}, file="same")
    eventually(lambda: [job for job in driver.waiting_jobs() if job.job_id != older.job_id])
    seen = eventually(
        lambda: (
            (now := driver.job(older.repository, older.run_id, older.job_id)).status == "completed" and now
        )
    )
    assert seen.conclusion == "cancelled"


@has("keeps job ids")
def test_a_rerun_queues_the_same_job_again(connection, driver):
    job = queued(driver, connection, "small")
    _, engine = on_a_runner(driver, connection, job)
    engine.finish("FAILURE")
    eventually(lambda: driver.job(job.repository, job.run_id, job.job_id).status == "completed")
    connection.rerun(job)
    (again,) = eventually(driver.waiting_jobs)
    assert (again.job_id, again.status, again.conclusion) == (job.job_id, "queued", None)
    assert again.completed_at is None
    registration, _ = on_a_runner(driver, connection, again, name="vm-2")
    (running,) = driver.running_jobs()
    assert (running.job_id, running.runner_id) == (job.job_id, registration.runner_id)


def test_a_job_that_is_not_there_is_gone(connection, driver):
    job = queued(driver, connection, "small")
    with pytest.raises(Gone):
        driver.job(job.repository, job.run_id, "999999")
    with pytest.raises(Gone):
        driver.job(f"{connection.name}/nothing", job.run_id, job.job_id)


def test_a_log_is_gone_before_its_first_line_and_then_read(connection, driver):
    job = queued(driver, connection, "small")
    with pytest.raises(Gone):
        driver.log(job.repository, job.run_id, job.job_id)
    _, engine = on_a_runner(driver, connection, job)
    engine.say("hello", "wörld ⭐")
    connection.show_log(engine)
    log = driver.log(job.repository, job.run_id, job.job_id)
    assert "hello" in log and log.rstrip().endswith("wörld ⭐")


def test_a_run_says_its_workflow_and_what_was_committed(connection, driver):
    connection.push({"build": {"runs-on": ["x"]}}, file="ci")
    job = eventually(driver.waiting_jobs)[0]
    seen = driver.run(job.repository, job.run_id)
    assert (seen.workflow, seen.title, seen.sender) == (connection.says_workflow, "Push", connection.owner)


def test_a_run_that_is_no_more_is_gone(connection, driver):
    with pytest.raises(Gone):
        driver.run(connection.repository, "999999")
