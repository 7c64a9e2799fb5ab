"""What every forge's driver must do, over real sockets, against the forge itself."""

import time
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.contracts.forges import KINDS, Receiver, eventually, has, levels_for
from tfci.core.http_client import Policy
from tfci.core.secret import Secret
from tfci.forges.ports import Gone, Refused, Unreachable

SECRET = Secret("hook-s3cret")


def pytest_generate_tests(metafunc):
    """Each test once for every level of every kind that has what it needs."""
    needs = getattr(metafunc.function, "needs", frozenset())
    if "call" in metafunc.fixturenames:
        cases = [
            (level, call, name)
            for name, (call, more) in CALLS.items()
            for level in levels_for(needs | more)[0]
        ]
        ids = [f"{name}-{kind}-{level.level}" for (kind, level), _, name in cases]
        metafunc.parametrize(("org", "call"), [case[:2] for case in cases], indirect=["org"], ids=ids)
    elif "org" in metafunc.fixturenames:
        levels, ids = levels_for(needs)
        metafunc.parametrize("org", levels, indirect=True, ids=ids)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Each kind of forge, started when it is first asked for."""
    forges = {}

    def of(kind):
        return forges.get(kind) or forges.setdefault(kind, KINDS[kind][0](tmp_path_factory.mktemp(kind)))

    yield of
    for forge in forges.values():
        forge.stop()


@pytest.fixture
def org(request, running):
    """A new organisation, user or repository, so that each test has its own jobs, runners and hooks."""
    kind, make = request.param
    org = make(running(kind))
    yield org
    if hasattr(org, "close"):  # one with a forge of its own
        org.close()


@pytest.fixture
def driver(org):
    return org.driver()


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


def queued(driver, org, *labels, **fields):
    """The job of a fresh push that asks for these labels."""
    before = {job.job_id for job in driver.waiting_jobs()}
    org.push({"build": {"runs-on": list(labels), **fields}})
    return eventually(lambda: [job for job in driver.waiting_jobs() if job.job_id not in before])[0]


def on_a_runner(driver, org, job, name="vm-1"):
    """The job taken by a runner that was made for it: (registration, engine)."""
    registration = driver.register(name, job.labels, job.handle)
    engine = org.engine(driver.order(registration.credential, job.labels))
    eventually(engine.take)
    return registration, engine


def ended(driver, job):
    """The job, once its forge says that it is over."""
    look = lambda: (now := driver.job(job.repository, job.run_id, job.job_id)).status == "completed" and now  # noqa: E731
    return eventually(look)


# Linking


def test_a_complete_link_has_nothing_to_mend(org, driver):
    checked = driver.check()
    assert (checked.login, checked.missing) == (org.owner, ())
    assert checked.version


@has("scopes")
def test_each_missing_scope_gets_its_own_sentence(org):
    for scope in org.scopes:
        token = org.token([other for other in org.scopes if other != scope])
        missing = org.driver(token=token).check().missing
        assert len(missing) == 1
        assert scope in missing[0].partition(".")[0]
    useless = org.driver(token=org.token(["write:issue"])).check().missing
    assert sorted(sentence.partition(".")[0].rsplit(" ", 1)[1] for sentence in useless) == sorted(org.scopes)


def test_a_link_by_someone_who_does_not_own_it_says_so(org):
    checked = org.driver(token=org.token(org.scopes, user=org.member())).check()
    assert len(checked.missing) == 1
    assert org.not_owned in checked.missing[0]


@has("names")
def test_one_that_is_not_there_is_named(org):
    (sentence,) = org.driver(name=org.nobody).check().missing
    assert org.unseen in sentence


def test_each_thing_that_a_check_looks_at_is_a_finding_of_its_own(org, driver):
    findings = driver.check().findings
    assert [finding.what for finding in findings][-2:] == ["Jobs", "Runners"]
    assert len({finding.what for finding in findings}) == len(findings) >= 4
    assert all(finding.said and not finding.mend for finding in findings)


def test_an_unknown_token_is_refused(org):
    with pytest.raises(Refused, match="does not know this token"):
        org.driver(token="0" * 40).check()


def test_an_old_forge_is_told_which_version_is_needed(org):
    with org.forge.version(org.old_version):
        checked = org.driver().check()
    assert checked.version == org.old_version
    assert len(checked.missing) == 1
    assert "update it" in checked.missing[0]


@has("relatives")
def test_a_forge_of_another_kind_is_refused(org):
    with org.forge.version(org.foreign_version), pytest.raises(Refused, match="can't be linked"):
        org.driver().check()


def test_an_address_that_is_no_forge_is_refused(org, receiver):
    with pytest.raises(Refused, match="There is no"):
        org.driver(url=receiver.address, policy=Policy(allow_private=True)).check()


def test_an_address_where_nobody_answers_is_unreachable(org, receiver):
    receiver.close()
    with pytest.raises(Unreachable):
        org.driver(url=receiver.address, policy=Policy(allow_private=True)).check()


def test_a_private_address_is_refused_where_it_is_not_allowed(org):
    with pytest.raises(Refused, match="private address"):
        org.driver(policy=Policy()).check()


# Webhooks


@has("webhooks")
def test_a_hook_asked_for_twice_is_there_once_with_the_newest_secret(org, driver, receiver):
    driver.hook(receiver.address, Secret("old"))
    hook_id = driver.hook(receiver.address, SECRET)
    assert org.hook_addresses() == [receiver.address]
    org.push({"build": {"runs-on": ["x"]}})
    headers, body = eventually(lambda: receiver.deliveries)[0]
    assert org.hooks.authentic(headers, body, SECRET)
    driver.unhook(hook_id)
    assert org.hook_addresses() == []


@has("webhooks")
def test_a_hook_to_another_address_is_left_alone(org, driver, receiver):
    driver.hook(receiver.address + "/one", SECRET)
    driver.hook(receiver.address + "/two", SECRET)
    assert len(org.hook_addresses()) == 2


@has("webhooks")
def test_removing_a_hook_twice_is_no_error(org, driver, receiver):
    hook_id = driver.hook(receiver.address, SECRET)
    driver.unhook(hook_id)
    driver.unhook(hook_id)
    assert org.hook_addresses() == []


@has("job webhooks")
def test_the_hook_tells_of_a_push_and_of_each_step_of_a_job(org, driver, receiver):
    driver.hook(receiver.address, SECRET)
    job = queued(driver, org, "small")
    registration, engine = on_a_runner(driver, org, job)
    engine.finish()

    def heard():
        return [org.hooks.read(headers, body) for headers, body in list(receiver.deliveries)]

    def told(status):
        return [seen for heard_once in heard() for seen in heard_once.jobs if seen.status == status]

    eventually(lambda: told("completed") and told("queued"))
    assert any(delivery.stirred and not delivery.jobs for delivery in heard())
    assert {seen.job_id for status in ("queued", "in_progress") for seen in told(status)} == {job.job_id}
    assert (told("queued")[0].repository, told("queued")[0].labels) == (org.repository, ("small",))
    assert told("queued")[0].runner_id is None
    assert told("in_progress")[0].runner_id == registration.runner_id
    assert (told("completed")[0].conclusion, told("completed")[0].runner_id) == (
        "success",
        registration.runner_id,
    )
    assert told("completed")[0].completed_at is not None
    assert all(org.hooks.authentic(headers, body, SECRET) for headers, body in receiver.deliveries)


@has("webhooks")
def test_a_forged_delivery_is_not_authentic(org, driver, receiver):
    driver.hook(receiver.address, SECRET)
    org.push({"build": {"runs-on": ["x"]}})
    headers, body = eventually(lambda: receiver.deliveries)[0]
    assert org.hooks.authentic(headers, body, SECRET)
    assert not org.hooks.authentic(headers, body + b" ", SECRET)
    assert not org.hooks.authentic(headers, body, Secret("another"))
    assert not org.hooks.authentic(headers, body, Secret(""))
    assert not org.hooks.authentic({}, body, SECRET)


@has("webhooks")
def test_a_delivery_that_comes_twice_has_one_id(org, driver, receiver):
    driver.hook(receiver.address, SECRET)

    def doubled():
        ids = [org.hooks.delivery_id(headers) for headers, _ in receiver.deliveries]
        return {one for one in ids if ids.count(one) == 2}

    with org.forge.mischief(double=1.0):
        org.push({"build": {"runs-on": ["x"]}})
        assert "" not in eventually(doubled)


# Jobs


def test_a_job_waits_with_all_that_is_known_of_it(org, driver):
    job = queued(driver, org, "Small-GPU", "x")
    assert job.status == "queued"
    assert (job.repository, job.name, job.branch) == (org.repository, "build", "main")
    assert job.labels == ("Small-GPU", "x")
    assert job.sha and job.url.startswith(org.forge.url)
    assert job.created_at.utcoffset().total_seconds() == 0
    assert (job.runner_id, job.runner_name, job.conclusion) == (None, None, None)
    assert (job.started_at, job.completed_at) == (None, None)
    assert driver.job(job.repository, job.run_id, job.job_id) == job


@has("waiting")
def test_a_job_that_the_forge_holds_back_is_waiting_not_queued(org, driver):
    org.push({"first": {"runs-on": "x"}, "second": {"runs-on": "x", "needs": "first"}})
    jobs = eventually(lambda: len(seen := driver.waiting_jobs()) == 2 and seen)
    assert {job.name: job.status for job in jobs} == {"first": "queued", "second": "waiting"}


def test_more_jobs_than_a_page_has_are_all_seen_once(org, driver):
    cells = [f"c{number}" for number in range(57)]
    org.push({"grid": {"runs-on": "x", "strategy": {"matrix": {"cell": cells}}}})
    jobs = eventually(lambda: len(seen := driver.waiting_jobs()) >= 57 and seen)
    numbers = [int(job.job_id) for job in jobs]
    assert len(set(numbers)) == 57
    assert numbers == sorted(numbers)


@has("shows runner")
def test_a_job_in_progress_shows_its_runner(org, driver):
    job = queued(driver, org, "small")
    registration, _ = on_a_runner(driver, org, job, name="vm-7")
    (seen,) = driver.running_jobs()
    assert (seen.job_id, seen.status) == (job.job_id, "in_progress")
    assert (seen.runner_id, seen.runner_name) == (registration.runner_id, "vm-7")
    assert driver.waiting_jobs() == []
    read = driver.job(job.repository, job.run_id, job.job_id)
    assert read.started_at is not None and read.completed_at is None


@pytest.mark.parametrize(("result", "conclusion"), [("SUCCESS", "success"), ("FAILURE", "failure")])
def test_a_job_that_has_ended_says_how_and_where_it_ran(org, driver, result, conclusion):
    job = queued(driver, org, "small")
    registration, engine = on_a_runner(driver, org, job)
    engine.finish(result)
    seen = ended(driver, job)
    assert seen.conclusion == conclusion
    assert seen.by_handle or seen.runner_id == registration.runner_id
    assert seen.completed_at is not None
    assert driver.running_jobs() == driver.waiting_jobs() == []


@has("one-time runners")
def test_a_runner_is_gone_with_its_job(org, driver):
    _, engine = on_a_runner(driver, org, queued(driver, org, "small"))
    engine.finish()
    eventually(lambda: driver.find("vm-1") is None)


@has("waiting")
def test_a_job_whose_need_failed_is_skipped(org, driver):
    org.push({"first": {"runs-on": "x"}, "second": {"runs-on": "x", "needs": "first"}})
    jobs = eventually(lambda: len(seen := driver.waiting_jobs()) == 2 and seen)
    first, second = sorted(jobs, key=lambda job: job.name)
    on_a_runner(driver, org, first)[1].finish("FAILURE")
    seen = ended(driver, second)
    assert (seen.conclusion, seen.runner_id) == ("skipped", None)


def test_a_job_cancelled_while_queued_has_ended_without_a_runner(org, driver):
    job = queued(driver, org, "small")
    org.cancel(job)
    seen = driver.job(job.repository, job.run_id, job.job_id)
    assert (seen.status, seen.conclusion, seen.runner_id) == ("completed", "cancelled", None)
    assert driver.waiting_jobs() == []


def test_a_job_cancelled_while_it_runs_shows_so_at_once_and_its_runner_can_be_forgotten(org, driver):
    job = queued(driver, org, "small")
    registration, _ = on_a_runner(driver, org, job)
    org.cancel(job)
    seen = driver.job(job.repository, job.run_id, job.job_id)
    assert (seen.status, seen.conclusion) == ("completed", "cancelled")
    driver.forget(registration.runner_id)
    assert driver.find("vm-1") is None


def test_a_newer_push_cancels_the_older_run(org, driver):
    org.push({"build": {"runs-on": "x"}}, file="same")
    (older,) = eventually(driver.waiting_jobs)
    org.push({"build": {"runs-on": "x"}}, file="same")
    eventually(lambda: [job for job in driver.waiting_jobs() if job.job_id != older.job_id])
    seen = eventually(
        lambda: (
            (now := driver.job(older.repository, older.run_id, older.job_id)).status == "completed" and now
        )
    )
    assert seen.conclusion == "cancelled"


@has("rerun")
def test_a_rerun_brings_a_job_that_ended_back_into_the_queue(org, driver, acting):
    job = queued(driver, org, "small")
    on_a_runner(driver, org, job)[1].finish("FAILURE")
    ended(driver, job)
    acting.rerun(job.repository, job.run_id, job.job_id)
    (again,) = eventually(driver.waiting_jobs)
    assert (again.name, again.labels, again.status) == (job.name, job.labels, "queued")


@has("keeps job ids")
def test_a_rerun_queues_the_same_job_again(org, driver):
    job = queued(driver, org, "small")
    _, engine = on_a_runner(driver, org, job)
    engine.finish("FAILURE")
    eventually(lambda: driver.job(job.repository, job.run_id, job.job_id).status == "completed")
    org.rerun(job)
    (again,) = eventually(driver.waiting_jobs)
    assert (again.job_id, again.status, again.conclusion) == (job.job_id, "queued", None)
    assert again.completed_at is None
    registration, _ = on_a_runner(driver, org, again, name="vm-2")
    (running,) = driver.running_jobs()
    assert (running.job_id, running.runner_id) == (job.job_id, registration.runner_id)


def test_a_job_that_is_not_there_is_gone(org, driver):
    job = queued(driver, org, "small")
    with pytest.raises(Gone):
        driver.job(job.repository, job.run_id, "999999")
    with pytest.raises(Gone):
        driver.job(f"{org.name}/nothing", job.run_id, job.job_id)


def test_a_log_is_gone_before_its_first_line_and_then_read(org, driver):
    job = queued(driver, org, "small")
    with pytest.raises(Gone):
        driver.log(job.repository, job.run_id, job.job_id)
    _, engine = on_a_runner(driver, org, job)
    engine.say("hello", "wörld ⭐")
    org.show_log(engine)
    log = driver.log(job.repository, job.run_id, job.job_id)
    assert "hello" in log and log.rstrip().endswith("wörld ⭐")


# Runners


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


def test_a_runner_is_online_once_its_engine_has_called(org, driver):
    registration = driver.register("vm-1", ["x"])
    assert not org.engine(driver.order(registration.credential, ["x"])).take()
    assert driver.find("vm-1").online


def test_a_runner_takes_only_a_job_whose_labels_it_has(org, driver):
    job = queued(driver, org, "small", "gpu")
    for labels in (["small"], ["large", "gpu"]):
        registration = driver.register(f"other-{labels[0]}", labels)
        assert not org.engine(driver.order(registration.credential, labels)).take()
    on_a_runner(driver, org, job)


@has("case")
def test_labels_differ_by_their_case(org, driver):
    job = queued(driver, org, "small")
    registration = driver.register("other", ["Small"])
    assert not org.engine(driver.order(registration.credential, ["Small"])).take()
    on_a_runner(driver, org, job)


def test_more_runners_than_a_page_has_are_all_seen(driver):
    for number in range(57):
        driver.register(f"vm-{number}", ["x"])
    assert len({runner.runner_id for runner in driver.runners()}) == 57
    assert driver.find("vm-56") is not None


def test_forgetting_twice_is_no_error(driver):
    registration = driver.register("vm-1", ["x"])
    driver.forget(registration.runner_id)
    assert driver.find("vm-1") is None
    driver.forget(registration.runner_id)


@has("forgets busy")
def test_a_busy_runner_may_be_forgotten(org, driver):
    registration, _ = on_a_runner(driver, org, queued(driver, org, "x"))
    driver.forget(registration.runner_id)
    assert driver.runners() == []


def test_no_credential_is_ever_printed(org, driver):
    registration = driver.register("vm-1", ["x"])
    order = driver.order(registration.credential, ["x"])
    token = org.engine(order).state["token"]
    assert token not in repr(registration) + repr(order)


# Signposts


@has("signposts")
def test_a_signpost_keeps_the_alert_away_and_never_takes_the_job(org, driver):
    job = queued(driver, org, "rare")
    assert any("rare" in alert for alert in org.alerts(job))
    signpost = driver.signpost("signpost", ["rare"])
    assert org.alerts(job) == []
    seen = driver.find("signpost")
    assert (seen.runner_id, seen.online, seen.ephemeral) == (signpost.runner_id, True, False)
    assert [waiting.job_id for waiting in driver.waiting_jobs()] == [job.job_id]
    registration, engine = on_a_runner(driver, org, job)
    assert driver.running_jobs()[0].runner_id == registration.runner_id
    engine.finish()
    assert [runner.name for runner in driver.runners()] == ["signpost"]


@has("signposts")
def test_declaring_replaces_a_signposts_labels(driver):
    signpost = driver.signpost("signpost", ["a"])
    driver.declare(signpost.credential, ["b", "c"])
    assert set(driver.find("signpost").labels) == {"b", "c"}


@has("signposts")
def test_declaring_a_signpost_that_was_removed_is_gone(driver):
    signpost = driver.signpost("signpost", ["a"])
    driver.forget(signpost.runner_id)
    with pytest.raises(Gone):
        driver.declare(signpost.credential, ["a"])


# What people ask of it


@pytest.fixture
def acting(org):
    """A driver whose token may change runs."""
    return org.driver(token=org.token([*org.scopes, org.writing]))


def test_a_run_says_its_workflow_and_what_was_committed(org, driver):
    org.push({"build": {"runs-on": ["x"]}}, file="ci")
    job = eventually(driver.waiting_jobs)[0]
    seen = driver.run(job.repository, job.run_id)
    assert (seen.workflow, seen.title, seen.sender) == (org.says_workflow, "Push", org.owner)


def test_a_run_that_is_no_more_is_gone(org, driver):
    with pytest.raises(Gone):
        driver.run(org.repository, "999999")


@has("rerun one")
def test_one_job_that_has_ended_runs_again_with_those_that_need_it(org, driver, acting):
    needing = {"runs-on": ["b"], "needs": ["build"]}
    org.push({"build": {"runs-on": ["a"]}, "other": {"runs-on": ["c"]}, "test": needing})
    eventually(lambda: len(driver.waiting_jobs()) == 3)
    for label in ("a", "b", "c"):
        job = eventually(lambda wanted=label: [j for j in driver.waiting_jobs() if j.labels == (wanted,)])[0]
        on_a_runner(driver, org, job, name=f"vm-{label}")[1].finish("FAILURE" if label == "c" else "SUCCESS")
    first = driver.job(job.repository, job.run_id, str(int(job.job_id) - 1))
    acting.rerun(first.repository, first.run_id, first.job_id)
    again = eventually(driver.waiting_jobs)
    assert {(job.labels, job.status) for job in again} == {(("a",), "queued"), (("b",), "waiting")}
    assert first.job_id in {job.job_id for job in again}


def test_a_run_that_is_cancelled_is_over(org, driver, acting):
    job = queued(driver, org, "x")
    acting.cancel(job.repository, job.run_id)
    seen = driver.job(job.repository, job.run_id, job.job_id)
    assert (seen.status, seen.conclusion) == ("completed", "cancelled")


def test_a_job_whose_runner_is_gone_ends_with_its_run(org, driver, acting):
    """The runner goes first, as far as its forge lets it; some end the job with that."""
    job = queued(driver, org, "x")
    registration, _ = on_a_runner(driver, org, job)
    with suppress(Unreachable):
        acting.forget(registration.runner_id)
    with suppress(Refused):
        acting.cancel(job.repository, job.run_id)
    seen = driver.job(job.repository, job.run_id, job.job_id)
    assert (seen.status, seen.conclusion, seen.picked_up) == ("completed", "cancelled", True)
    acting.forget(registration.runner_id)


@has("rerun one")
def test_what_has_not_ended_runs_not_again_and_what_has_is_not_cancelled(org, driver, acting):
    job = queued(driver, org, "x")
    with pytest.raises(Refused, match="not done"):
        acting.rerun(job.repository, job.run_id, job.job_id)
    acting.cancel(job.repository, job.run_id)
    with pytest.raises(Refused, match="already done"):
        acting.cancel(job.repository, job.run_id)


@has("scopes")
def test_a_token_that_may_not_change_runs_is_told_the_scope(org):
    token = org.token([scope for scope in org.scopes if "repository" not in scope] + ["read:repository"])
    with pytest.raises(Refused, match=org.writing):
        org.driver(token=token).cancel(org.repository, "1")


@has("job webhooks")
def test_the_steps_of_a_job_come_with_the_word_of_its_end(org, driver, receiver):
    driver.hook(receiver.address, SECRET)
    _, engine = on_a_runner(driver, org, queued(driver, org, "x"))
    engine.finish()
    told = eventually(lambda: [job for job in heard(org, receiver) if job.status == "completed"])[0]
    assert [step.name for step in told.steps] == org.steps


def heard(org, receiver):
    return [job for delivery in receiver.deliveries for job in org.hooks.read(*delivery).jobs]


# A forge in trouble


TROUBLES = {"down": {"down_for": 60}, "errors": {"error_rate": 1.0}, "silent": {"lost_answer_rate": 1.0}}
CALLS = {  # each with what a kind must have for it
    "check": (lambda driver: driver.check(), set()),
    "hook": (lambda driver: driver.hook("http://127.0.0.1:1/", SECRET), {"webhooks"}),
    "unhook": (lambda driver: driver.unhook("1"), {"webhooks"}),
    "waiting_jobs": (lambda driver: driver.waiting_jobs(), set()),
    "running_jobs": (lambda driver: driver.running_jobs(), set()),
    "job": (lambda driver: driver.job("a/b", "1", "1"), set()),
    "run": (lambda driver: driver.run("a/b", "1"), set()),
    "rerun": (lambda driver: driver.rerun("a/b", "1", "1"), {"rerun"}),
    "cancel": (lambda driver: driver.cancel("a/b", "1"), set()),
    "log": (lambda driver: driver.log("a/b", "1", "1"), set()),
    "runners": (lambda driver: driver.runners(), set()),
    "find": (lambda driver: driver.find("x"), set()),
    "register": (lambda driver: driver.register("x", ["x"]), set()),
    "forget": (lambda driver: driver.forget("1"), set()),
    "signpost": (lambda driver: driver.signpost("x", ["x"]), {"signposts"}),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_a_forge_in_trouble_is_unreachable(org, driver, call, trouble):
    with org.forge.mischief(**trouble), pytest.raises(Unreachable):
        call(driver)


def test_a_slow_forge_is_given_up(org, call):
    driver = org.driver(timeout=0.2)
    with org.forge.mischief(slow=2):
        began = time.monotonic()
        with pytest.raises(Unreachable, match="in time"):
            call(driver)
        assert time.monotonic() - began < 1.5


def test_a_forge_that_was_down_for_ten_minutes_still_has_its_jobs(org, driver):
    job = queued(driver, org, "x")
    with org.forge.mischief(down_for=600), pytest.raises(Unreachable):
        driver.waiting_jobs()
    eventually(lambda: [seen.job_id for seen in driver.waiting_jobs()] == [job.job_id], 30)


def test_a_token_that_ends_in_mid_flow_is_refused_and_another_one_goes_on(org):
    token = org.token([*org.scopes])
    driver = org.driver(token=token)
    job = queued(driver, org, "x")
    registration = driver.register("vm-1", job.labels, job.handle)
    org.end(token)
    with pytest.raises(Refused, match="does not know this token"):
        driver.waiting_jobs()
    with pytest.raises(Refused, match="does not know this token"):
        driver.forget(registration.runner_id)
    renewed = org.driver(token=org.token([*org.scopes]))
    renewed.forget(registration.runner_id)
    assert [seen.job_id for seen in renewed.waiting_jobs()] == [job.job_id]


def test_a_registration_whose_answer_was_lost_is_found_by_its_name(org, driver):
    assert driver.runners() == []
    with org.forge.mischief(**org.losing), pytest.raises(Unreachable):
        driver.register("vm-1", ["x"])
    assert driver.find("vm-1") is not None


# Proposing a file


@has("files")
def test_a_file_that_is_proposed_runs_on_a_branch_of_its_own(org):
    writer = org.driver(token=org.token([*org.scopes, org.writing]))
    repository = next(name for name in writer.repositories() if name == org.repository)
    assert writer.may_propose()
    workflow = '{"on": "push", "jobs": {"hello": {"runs-on": "small", "steps": [{"run": "echo hello"}]}}}'
    where = writer.propose(repository, "try-1", f"{org.folder}/try.yml", workflow, "Try it")
    assert where.endswith("/try-1")
    job = eventually(lambda: [job for job in writer.waiting_jobs() if job.branch == "try-1"])[0]
    assert job.labels == ("small",)


@has("files")
def test_a_branch_that_is_there_is_not_written_to(org):
    writer = org.driver(token=org.token([*org.scopes, org.writing]))
    writer.propose(org.repository, "try-1", "one.txt", "one", "One")
    with pytest.raises(Refused):
        writer.propose(org.repository, "try-1", "two.txt", "two", "Two")


@has("files")
def test_a_token_that_may_only_read_repositories_proposes_nothing(org):
    reader = org.driver(token=org.token(["read:repository", "read:organization", "read:user"]))
    assert not reader.may_propose()
    with pytest.raises(Refused, match="lacks the scope"):
        reader.propose(org.repository, "try-1", "one.txt", "one", "One")


# Changing workflows


@has("pull requests")
def test_workflows_are_read_and_replaced_in_a_pull_request(org):
    writer = org.driver(token=org.token([*org.scopes, org.writing]))
    org.push({"build": {"runs-on": "elsewhere"}}, file="ci")
    [file] = writer.workflows(org.repository)
    assert (file.path, "elsewhere" in file.text) == (f"{org.folder}/ci.yml", True)
    moved = replace(file, text=file.text.replace("elsewhere", "small"))
    where = writer.suggest(org.repository, "move-1", [moved], "Move", "To a machine of the grid.")
    assert where.startswith(org.forge.url) and "pull" in where
    job = eventually(lambda: [job for job in writer.waiting_jobs() if job.branch == "move-1"])[0]
    assert job.labels == ("small",)
    assert writer.workflows(org.repository) == [file]


@has("pull requests")
def test_a_workflow_that_has_changed_meanwhile_is_not_replaced(org):
    writer = org.driver(token=org.token([*org.scopes, org.writing]))
    org.push({"build": {"runs-on": "elsewhere"}}, file="ci")
    [file] = writer.workflows(org.repository)
    org.push({"build": {"runs-on": "elsewhere"}, "test": {"runs-on": "elsewhere"}}, file="ci")
    with pytest.raises(Refused):
        writer.suggest(org.repository, "move-1", [file], "Move", "")


@has("pull requests")
def test_a_token_that_may_only_read_suggests_nothing(org, driver):
    org.push({"build": {"runs-on": "elsewhere"}}, file="ci")
    with pytest.raises(Refused):
        reader = org.driver(token=org.token(["read:repository", "read:organization", "read:user"]))
        reader.suggest(org.repository, "move-1", driver.workflows(org.repository), "Move", "")


@has("pull requests")
def test_a_repository_may_have_no_workflows_or_not_be_there(org, driver):
    assert driver.workflows(org.repository) == []
    with pytest.raises(Gone):
        driver.workflows(f"{org.repository}-gone")
