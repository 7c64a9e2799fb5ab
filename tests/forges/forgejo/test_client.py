"""Forgejo's bytes, as a real 16.0 sent them, in our words; and those that nobody should send."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import respx
from hypothesis import given, strategies as st

from tfci.core.http_client import Policy
from tfci.core.secret import Secret
from tfci.forges import registry
from tfci.forges.errors import ForgeRefused, Gone, Unreachable
from tfci.forges.facts import JobSeen, WebhookEvent
from tfci.forges.forgejo.client import Forgejo, ForgejoHooks
from tfci.forges.target import ForgeTarget

RECORDED = Path(__file__).parent / "fixtures"
URL = "https://git.example.org"
API = f"{URL}/api/v1"
SECRET = Secret("s3cret")  # what the recorded deliveries were signed with
HANDLE = "d623198c-f56c-46c4-9afd-b8e444720e6b"
HOOKS = ForgejoHooks()


def delivery(name):
    """Headers and raw body of a recorded delivery."""
    kept = json.loads((RECORDED / "hooks" / f"{name}.json").read_text())
    return kept["headers"], kept["body"].encode()


def answer(name):
    return json.loads((RECORDED / "api" / f"{name}.json").read_text())


@pytest.fixture
def forgejo():
    return Forgejo(ForgeTarget(URL, "acme", Secret("t0ken"), Policy(), engine="forgejo"))


@pytest.fixture
def web():
    with respx.mock(assert_all_called=False) as web:
        web.get(f"{API}/repositories/1").respond(json=answer("repository"))
        web.get(f"{API}/repos/acme/app/actions/runs/1").respond(json=answer("run"))
        web.get(f"{API}/repos/acme/app/actions/runs/1/jobs").respond(json=answer("jobs-of-run"))
        yield web


def the_list(web, name):
    text = (RECORDED / "api" / f"{name}.json").read_bytes()
    return web.get(f"{API}/orgs/acme/actions/runners/jobs").respond(content=text)


def the_runners(web, runners):
    said = json.dumps(runners).encode()
    web.get(f"{API}/orgs/acme/actions/runners", params={"page": "1"}).respond(content=said)
    web.get(f"{API}/orgs/acme/actions/runners", params={"page": "2"}).respond(content=b"null")


# Webhooks


@pytest.mark.parametrize("name", sorted(path.stem for path in (RECORDED / "hooks").iterdir()))
def test_a_recorded_delivery_is_authentic_and_a_hint_to_ask(name):
    headers, body = delivery(name)
    assert HOOKS.authentic(headers, body, SECRET)
    assert not HOOKS.authentic(headers, body.replace(b"acme", b"evil"), SECRET)
    assert len(HOOKS.delivery_id(headers)) == 36
    assert HOOKS.read(headers, body) == WebhookEvent(headers["X-Forgejo-Event"], stirred=True)


def test_an_event_of_no_concern_is_heard_and_is_no_hint():
    assert HOOKS.read({"X-Forgejo-Event": "issues"}, b"{}") == WebhookEvent("issues")


def test_a_delivery_without_an_event_is_refused():
    with pytest.raises(ForgeRefused, match="which event"):
        HOOKS.read({}, b"{}")


@given(st.binary(max_size=200), st.sampled_from(["push", "action_run_success", "action_run_failure"]))
def test_whatever_is_sent_is_read_or_refused(body, event):
    try:
        assert HOOKS.read({"X-Forgejo-Event": event}, body).stirred
    except ForgeRefused as refused:
        assert str(refused)


# Jobs


def test_a_waiting_job_gets_from_its_run_what_the_list_leaves_out(forgejo, web):
    the_list(web, "jobs-waiting")
    (job,) = forgejo.waiting_jobs()
    assert job == JobSeen(
        job_id="1",
        run_id="1",
        repository="acme/app",
        name="build",
        labels=("small",),
        status="queued",
        forge_attempt=1,
        workflow="one.yml",
        branch="main",
        sha="05f409570c65648c1c52f6c8f728906399a370b0",
        url="http://127.0.0.1:55655/acme/app/actions/runs/1",
        sender="keeper",
        created_at=datetime(2026, 11, 24, 8, 24, 51, tzinfo=UTC),
        handle=HANDLE,
    )


def test_an_empty_list_is_null_there(forgejo, web):
    the_list(web, "jobs-none")
    assert forgejo.waiting_jobs() == forgejo.running_jobs() == []


def test_the_oldest_comes_first_though_the_list_begins_with_the_newest(forgejo, web):
    the_list(web, "jobs-two")
    for number in (2, 3):
        web.get(f"{API}/repos/acme/app/actions/runs/{number}").respond(json=answer("run"))
    assert [job.job_id for job in forgejo.waiting_jobs()] == ["2", "3"]


def test_what_was_asked_for_once_is_not_asked_for_again(forgejo, web):
    the_list(web, "jobs-waiting")
    forgejo.waiting_jobs()
    calls = len(web.calls)
    forgejo.waiting_jobs()
    assert len(web.calls) == calls + 1


def test_a_job_whose_repository_or_run_is_gone_is_left_out(forgejo, web):
    the_list(web, "jobs-waiting")
    web.get(f"{API}/repos/acme/app/actions/runs/1").respond(404, json={"message": "not found"})
    assert forgejo.waiting_jobs() == []


@pytest.mark.parametrize(
    ("status", "runner_id", "by_handle"),
    [("idle", "1", False), ("active", "1", False), ("offline", None, False)],
)
def test_a_running_job_has_the_runner_that_its_handle_describes_once_that_has_called(
    forgejo, web, status, runner_id, by_handle
):
    the_list(web, "jobs-running")
    the_runners(web, [answer("runners-idle")[0] | {"description": HANDLE, "status": status}])
    (job,) = forgejo.running_jobs()
    assert (job.status, job.runner_id, job.by_handle) == ("in_progress", runner_id, by_handle)


def test_a_job_that_has_ended_ran_on_a_runner_that_is_gone(forgejo, web):
    the_runners(web, None)
    job = forgejo.job("acme/app", "1", "1")
    assert (job.conclusion, job.runner_id, job.by_handle) == ("success", None, True)
    assert job.started_at == datetime(2026, 11, 24, 8, 24, 55, tzinfo=UTC)
    assert job.completed_at == datetime(2026, 11, 24, 8, 24, 56, tzinfo=UTC)


def test_a_job_that_somebody_elses_runner_has_taken_leaves_ours_waiting(forgejo, web):
    the_runners(web, [answer("runners-idle")[0] | {"description": HANDLE}])
    job = forgejo.job("acme/app", "1", "1")
    assert (job.conclusion, job.runner_id, job.by_handle) == ("success", None, False)


def test_a_job_that_never_ran_has_no_runner(forgejo, web):
    (ended,) = answer("jobs-of-run")
    row = ended | {"task_id": 0, "status": "cancelled"}
    web.get(f"{API}/repos/acme/app/actions/runs/1/jobs").respond(json=[row])
    job = forgejo.job("acme/app", "1", "1")
    assert (job.status, job.conclusion, job.by_handle, job.started_at) == (
        "completed",
        "cancelled",
        False,
        None,
    )


def test_times_of_a_run_are_not_those_of_one_of_its_jobs(forgejo, web):
    (one,) = answer("jobs-of-run")
    web.get(f"{API}/repos/acme/app/actions/runs/1/jobs").respond(json=[one, one | {"id": 2}])
    the_runners(web, None)
    job = forgejo.job("acme/app", "1", "1")
    assert (job.started_at, job.completed_at) == (None, None)


def test_a_job_held_back_waits(forgejo, web):
    (one,) = answer("jobs-of-run")
    row = one | {"status": "blocked", "task_id": 0}
    web.get(f"{API}/repos/acme/app/actions/runs/1/jobs").respond(json=[row])
    assert forgejo.job("acme/app", "1", "1").status == "waiting"


def test_a_job_that_is_not_in_its_run_is_gone(forgejo, web):
    with pytest.raises(Gone):
        forgejo.job("acme/app", "1", "7")


def test_running_again_is_left_to_its_own_pages(forgejo):
    actions = registry.KINDS["forgejo"].actions
    assert actions("16.0.0-dev-539+gitea-1.22.0") == {"cancel"}
    assert actions("15.0.1+gitea-1.22.0") == actions("") == frozenset()


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), st.lists, max_leaves=6))
def test_an_odd_list_is_unreadable_and_never_more(said):
    with respx.mock as web:
        web.get(f"{API}/orgs/acme/actions/runners/jobs").respond(content=json.dumps(said).encode())
        try:
            assert Forgejo(ForgeTarget(URL, "acme", Secret("t"), Policy())).waiting_jobs() == []
        except Unreachable as error:
            assert "not what" in str(error)


# Runners


def test_a_runner_is_made_for_one_job_and_its_token_stands_in_a_file_alone(forgejo, web):
    made = web.post(f"{API}/orgs/acme/actions/runners").respond(
        201, json=answer("runner-made") | {"token": "r-t0ken"}
    )
    registration = forgejo.register("fh-1-2", ["small", "gpu"], HANDLE)
    asked = json.loads(made.calls[0].request.content)
    assert asked == {"name": "fh-1-2", "description": HANDLE, "ephemeral": True}
    order = forgejo.order(registration.credential, ["small", "gpu"])
    assert (order.engine, order.files["token"].reveal()) == ("forgejo", "r-t0ken")
    assert order.arguments == (
        "--url", URL, "--uuid", "97b6ad0c-a366-4446-8036-6371cb7278c2",
        "--label", "small:host", "--label", "gpu:host", "--handle", HANDLE,
    )  # fmt: skip
    assert "r-t0ken" not in repr(order) + repr(registration)


def test_vms_may_call_it_at_another_address(web):
    web.post(f"{API}/orgs/acme/actions/runners").respond(201, json=answer("runner-made"))
    target = ForgeTarget(URL, "acme", Secret("t"), Policy(), runner_url="http://10.0.0.7:3000/")
    forgejo = Forgejo(target)
    order = forgejo.order(forgejo.register("a", ["x"]).credential, ["x"])
    assert order.arguments[:2] == ("--url", "http://10.0.0.7:3000")
    with pytest.raises(ForgeRefused, match="VMs can't call"):
        Forgejo(replace(target, runner_url="10.0.0.7:3000"))
