"""The protocol `SendsWebhooks`, and what the kind's reader makes of its deliveries."""

from tests.contracts.forges import eventually, has, implements, on_a_runner, queued
from tfci.core.secret import Secret
from tfci.forges.ports.forge import SendsWebhooks

SECRET = Secret("hook-s3cret")


@implements(SendsWebhooks)
def test_a_hook_asked_for_twice_is_there_once_with_the_newest_secret(connection, driver, receiver):
    driver.hook(receiver.address, Secret("old"))
    hook_id = driver.hook(receiver.address, SECRET)
    assert connection.hook_addresses() == [receiver.address]
    connection.push({"build": {"runs-on": ["x"]}})
    headers, body = eventually(lambda: receiver.deliveries)[0]
    assert connection.hooks.authentic(headers, body, SECRET)
    driver.unhook(hook_id)
    assert connection.hook_addresses() == []


@implements(SendsWebhooks)
def test_a_hook_to_another_address_is_left_alone(connection, driver, receiver):
    driver.hook(receiver.address + "/one", SECRET)
    driver.hook(receiver.address + "/two", SECRET)
    assert len(connection.hook_addresses()) == 2


@implements(SendsWebhooks)
def test_removing_a_hook_twice_is_no_error(connection, driver, receiver):
    hook_id = driver.hook(receiver.address, SECRET)
    driver.unhook(hook_id)
    driver.unhook(hook_id)
    assert connection.hook_addresses() == []


@has("job webhooks")
def test_the_hook_tells_of_a_push_and_of_each_step_of_a_job(connection, driver, receiver):
    driver.hook(receiver.address, SECRET)
    job = queued(driver, connection, "small")
    registration, engine = on_a_runner(driver, connection, job)
    engine.finish()

    def heard():
        return [connection.hooks.read(headers, body) for headers, body in list(receiver.deliveries)]

    def told(status):
        return [seen for heard_once in heard() for seen in heard_once.jobs if seen.status == status]

    eventually(lambda: told("completed") and told("queued"))
    assert any(delivery.stirred and not delivery.jobs for delivery in heard())
    assert {seen.job_id for status in ("queued", "in_progress") for seen in told(status)} == {job.job_id}
    assert (told("queued")[0].repository, told("queued")[0].labels) == (connection.repository, ("small",))
    assert told("queued")[0].runner_id is None
    assert told("in_progress")[0].runner_id == registration.runner_id
    assert (told("completed")[0].conclusion, told("completed")[0].runner_id) == (
        "success",
        registration.runner_id,
    )
    assert told("completed")[0].completed_at is not None
    assert all(connection.hooks.authentic(headers, body, SECRET) for headers, body in receiver.deliveries)


@implements(SendsWebhooks)
def test_a_forged_delivery_is_not_authentic(connection, driver, receiver):
    driver.hook(receiver.address, SECRET)
    connection.push({"build": {"runs-on": ["x"]}})
    headers, body = eventually(lambda: receiver.deliveries)[0]
    assert connection.hooks.authentic(headers, body, SECRET)
    assert not connection.hooks.authentic(headers, body + b" ", SECRET)
    assert not connection.hooks.authentic(headers, body, Secret("another"))
    assert not connection.hooks.authentic(headers, body, Secret(""))
    assert not connection.hooks.authentic({}, body, SECRET)


@implements(SendsWebhooks)
def test_a_delivery_that_comes_twice_has_one_id(connection, driver, receiver):
    driver.hook(receiver.address, SECRET)

    def doubled():
        ids = [connection.hooks.delivery_id(headers) for headers, _ in receiver.deliveries]
        return {one for one in ids if ids.count(one) == 2}

    with connection.forge.with_faults(double=1.0):
        connection.push({"build": {"runs-on": ["x"]}})
        assert "" not in eventually(doubled)


@has("job webhooks")
def test_the_steps_of_a_job_come_with_the_word_of_its_end(connection, driver, receiver):
    driver.hook(receiver.address, SECRET)
    _, engine = on_a_runner(driver, connection, queued(driver, connection, "x"))
    engine.finish()
    told = eventually(lambda: [job for job in heard(connection, receiver) if job.status == "completed"])[0]
    assert [step.name for step in told.steps] == connection.steps


def heard(connection, receiver):
    return [job for delivery in receiver.deliveries for job in connection.hooks.read(*delivery).jobs]
