"""A forge that is down, slow, or loses answers: each call of each protocol fails in the same way."""

import time

import pytest

from tests.contracts.forges import eventually, queued
from tfci.core.secret import Secret
from tfci.forges.errors import ForgeRefused, Unreachable
from tfci.forges.ports.forge import (
    CancelsRuns,
    Forge,
    ReadsJobs,
    RegistersRunners,
    RerunsJobs,
    SendsWebhooks,
    ShowsSignposts,
)

SECRET = Secret("hook-s3cret")


TROUBLES = {"down": {"down_for": 60}, "errors": {"error_rate": 1.0}, "silent": {"lost_answer_rate": 1.0}}
CALLS = {  # each with the protocol that it is of
    "check": (lambda driver: driver.check(), Forge),
    "hook": (lambda driver: driver.hook("http://127.0.0.1:1/", SECRET), SendsWebhooks),
    "unhook": (lambda driver: driver.unhook("1"), SendsWebhooks),
    "waiting_jobs": (lambda driver: driver.waiting_jobs(), ReadsJobs),
    "running_jobs": (lambda driver: driver.running_jobs(), ReadsJobs),
    "job": (lambda driver: driver.job("a/b", "1", "1"), ReadsJobs),
    "run": (lambda driver: driver.run("a/b", "1"), ReadsJobs),
    "rerun": (lambda driver: driver.rerun("a/b", "1", "1"), RerunsJobs),
    "cancel": (lambda driver: driver.cancel("a/b", "1"), CancelsRuns),
    "log": (lambda driver: driver.log("a/b", "1", "1"), ReadsJobs),
    "runners": (lambda driver: driver.runners(), RegistersRunners),
    "find": (lambda driver: driver.find("x"), RegistersRunners),
    "register": (lambda driver: driver.register("x", ["x"]), RegistersRunners),
    "forget": (lambda driver: driver.remove_runner("1"), RegistersRunners),
    "signpost": (lambda driver: driver.signpost("x", ["x"]), ShowsSignposts),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_a_forge_in_trouble_is_unreachable(connection, driver, call, trouble):
    with connection.forge.with_faults(**trouble), pytest.raises(Unreachable):
        call(driver)


def test_a_slow_forge_is_given_up(connection, call):
    driver = connection.driver(timeout=0.1)
    with connection.forge.with_faults(slow=2):
        began = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            call(driver)
        assert time.monotonic() - began < 1.5


def test_a_forge_that_was_down_for_ten_minutes_still_has_its_jobs(connection, driver):
    job = queued(driver, connection, "x")
    with connection.forge.with_faults(down_for=600), pytest.raises(Unreachable):
        driver.waiting_jobs()
    eventually(lambda: [seen.job_id for seen in driver.waiting_jobs()] == [job.job_id], 30)


def test_a_token_that_ends_in_mid_flow_is_refused_and_another_one_goes_on(connection):
    token = connection.token([*connection.scopes])
    driver = connection.driver(token=token)
    job = queued(driver, connection, "x")
    registration = driver.register("vm-1", job.labels, job.handle)
    connection.end(token)
    with pytest.raises(ForgeRefused, match="rejected the token"):
        driver.waiting_jobs()
    with pytest.raises(ForgeRefused, match="rejected the token"):
        driver.remove_runner(registration.runner_id)
    renewed = connection.driver(token=connection.token([*connection.scopes]))
    renewed.remove_runner(registration.runner_id)
    assert [seen.job_id for seen in renewed.waiting_jobs()] == [job.job_id]


def test_a_registration_whose_answer_was_lost_is_found_by_its_name(connection, driver):
    assert driver.runners() == []
    with connection.forge.with_faults(**connection.losing), pytest.raises(Unreachable):
        driver.register("vm-1", ["x"])
    assert driver.find("vm-1") is not None
