"""The protocol `ShowsSignposts`."""

import pytest

from tests.contracts.forges import implements, on_a_runner, queued
from tfci.forges.errors import Gone
from tfci.forges.ports.forge import ShowsSignposts


@implements(ShowsSignposts)
def test_a_signpost_keeps_the_alert_away_and_never_takes_the_job(connection, driver):
    job = queued(driver, connection, "rare")
    assert any("rare" in alert for alert in connection.alerts(job))
    signpost = driver.signpost("signpost", ["rare"])
    assert connection.alerts(job) == []
    seen = driver.find("signpost")
    assert (seen.runner_id, seen.online, seen.ephemeral) == (signpost.runner_id, True, False)
    assert [waiting.job_id for waiting in driver.waiting_jobs()] == [job.job_id]
    registration, engine = on_a_runner(driver, connection, job)
    assert driver.running_jobs()[0].runner_id == registration.runner_id
    engine.finish()
    assert [runner.name for runner in driver.runners()] == ["signpost"]


@implements(ShowsSignposts)
def test_declaring_replaces_a_signposts_labels(driver):
    signpost = driver.signpost("signpost", ["a"])
    driver.declare(signpost.credential, ["b", "c"])
    assert set(driver.find("signpost").labels) == {"b", "c"}


@implements(ShowsSignposts)
def test_declaring_a_signpost_that_was_removed_is_gone(driver):
    signpost = driver.signpost("signpost", ["a"])
    driver.remove_runner(signpost.runner_id)
    with pytest.raises(Gone):
        driver.declare(signpost.credential, ["a"])
