"""The protocol `RegistersRunners`: one-job runners of each kind of forge."""

from tests.contracts.forges import has, on_a_runner, queued


@has("labels at the forge")
def test_a_registered_runner_is_found_with_exactly_its_labels(driver):
    registration = driver.register("vm-1", ["Small-GPU", "x"])
    seen = driver.find("vm-1")
    assert (seen.runner_id, seen.name, set(seen.labels)) == (
        registration.runner_id,
        "vm-1",
        {"Small-GPU", "x"},
    )
    assert (seen.ephemeral, seen.online, seen.busy) == (True, False, False)
    assert driver.find("vm-2") is None


def test_a_runner_is_online_once_its_engine_has_called(connection, driver):
    registration = driver.register("vm-1", ["x"])
    assert not connection.engine(driver.order(registration.credential, ["x"])).take()
    assert driver.find("vm-1").online


def test_a_runner_takes_only_a_job_whose_labels_it_has(connection, driver):
    job = queued(driver, connection, "small", "gpu")
    for labels in (["small"], ["large", "gpu"]):
        registration = driver.register(f"other-{labels[0]}", labels)
        assert not connection.engine(driver.order(registration.credential, labels)).take()
    on_a_runner(driver, connection, job)


@has("case")
def test_labels_differ_by_their_case(connection, driver):
    job = queued(driver, connection, "small")
    registration = driver.register("other", ["Small"])
    assert not connection.engine(driver.order(registration.credential, ["Small"])).take()
    on_a_runner(driver, connection, job)


def test_more_runners_than_a_page_has_are_all_seen(driver):
    for number in range(57):
        driver.register(f"vm-{number}", ["x"])
    assert len({runner.runner_id for runner in driver.runners()}) == 57
    assert driver.find("vm-56") is not None


def test_forgetting_twice_is_no_error(driver):
    registration = driver.register("vm-1", ["x"])
    driver.remove_runner(registration.runner_id)
    assert driver.find("vm-1") is None
    driver.remove_runner(registration.runner_id)


@has("forgets busy")
def test_a_busy_runner_may_be_forgotten(connection, driver):
    registration, _ = on_a_runner(driver, connection, queued(driver, connection, "x"))
    driver.remove_runner(registration.runner_id)
    assert driver.runners() == []


def test_no_credential_is_ever_printed(connection, driver):
    registration = driver.register("vm-1", ["x"])
    order = driver.order(registration.credential, ["x"])
    token = connection.engine(order).state["token"]
    assert token not in repr(registration) + repr(order)
