"""Webhooks of a Gitea: who signed them, and what they say."""

import json
from datetime import UTC

import pytest
from hypothesis import given, strategies as st

from tests.forges.gitea.test_client import HOOKS, RECORDED, SECRET, at, delivery, gitea, told
from tfci.core.secret import Secret
from tfci.forges import registry
from tfci.forges.errors import ForgeRefused
from tfci.forges.facts import JobSeen, StepSeen, WebhookEvent

__all__ = ["gitea"]


# Webhooks


@pytest.mark.parametrize("name", sorted(path.stem for path in (RECORDED / "hooks").iterdir()))
def test_a_recorded_delivery_is_authentic_and_readable(name):
    headers, body = delivery(name)
    assert HOOKS.authentic(headers, body, SECRET)
    assert not HOOKS.authentic(headers, body.replace(b"acme", b"evil"), SECRET)
    assert len(HOOKS.delivery_id(headers)) == 36
    assert HOOKS.read(headers, body).event == headers["X-Gitea-Event"]


def test_a_finished_job_is_read_whole():
    (job,) = HOOKS.read(*delivery("job-succeeded")).jobs
    assert job == JobSeen(
        job_id="1",
        run_id="1",
        repository="acme/app",
        name="build0",
        labels=("small",),
        status="completed",
        conclusion="success",
        forge_attempt=1,
        runner_id="1",
        runner_name="real-0ebcff",
        branch="main",
        sha="8f27a2eb26850122dd64f2325a2a6f368d43e9c6",
        url="http://127.0.0.1:49803/acme/app/actions/runs/1/jobs/0",
        sender="keeper",
        created_at=at(8, 22, 25),
        started_at=at(8, 22, 29),
        completed_at=at(8, 22, 30),
        steps=(StepSeen("echo hello; sleep 1", at(8, 22, 29), at(8, 22, 30)),),
    )


@pytest.mark.parametrize(
    "version, acts",
    [
        ("1.25.4", set()),
        ("1.26.0+rc0", {"rerun"}),
        ("1.27.2", {"rerun"}),
        ("1.28.0", {"rerun", "cancel"}),
        ("main", set()),
    ],
)
def test_what_it_does_for_a_token_is_a_matter_of_its_version(version, acts):
    assert registry.KINDS["gitea"].actions(version) == acts


def test_no_more_steps_are_kept_than_anybody_reads():
    assert len(told("job-succeeded", steps=[{"name": "x"}] * 500).steps) == 100


def test_what_is_unset_is_none():
    (job,) = HOOKS.read(*delivery("job-queued")).jobs
    assert job.status == "queued"
    assert (job.conclusion, job.runner_id, job.runner_name, job.started_at, job.completed_at) == (None,) * 5
    assert job.forge_attempt == 0


@pytest.mark.parametrize(
    ("name", "status", "conclusion", "attempt"),
    [
        ("job-in-progress", "in_progress", None, 1),
        ("job-failed", "completed", "failure", 1),
        ("job-cancelled-while-queued", "completed", "cancelled", 0),
        ("job-queued-again", "queued", None, 1),  # a rerun carries the old attempt
    ],
)
def test_each_step_of_a_job_has_its_word(name, status, conclusion, attempt):
    (job,) = HOOKS.read(*delivery(name)).jobs
    assert (job.status, job.conclusion, job.forge_attempt) == (status, conclusion, attempt)


def test_a_push_stirs_and_names_no_job():
    assert HOOKS.read(*delivery("push")) == WebhookEvent("push", stirred=True)


def test_news_of_a_job_stirs_too():
    assert HOOKS.read(*delivery("job-succeeded")).stirred


def test_other_events_are_heard_and_ignored():
    assert HOOKS.read(*delivery("run-requested")) == WebhookEvent("workflow_run")
    assert HOOKS.read({"X-Gitea-Event": "issues"}, b"not even JSON") == WebhookEvent("issues")


def test_header_names_may_be_written_in_any_case():
    headers, body = delivery("job-queued")
    headers = {name.lower(): value for name, value in headers.items()}
    assert HOOKS.authentic(headers, body, SECRET)
    assert HOOKS.delivery_id(headers)
    assert HOOKS.read(headers, body).jobs


def test_a_delivery_without_an_id_has_an_empty_one():
    assert HOOKS.delivery_id({}) == ""


@pytest.mark.parametrize("signature", ["", " ", "ä", "\ud800", "sha256=", "0" * 64])
def test_a_wrong_signature_is_no_error(signature):
    headers, body = delivery("job-queued")
    assert not HOOKS.authentic(headers | {"X-Gitea-Signature": signature}, body, SECRET)


def test_without_a_secret_nothing_is_authentic():
    headers, body = delivery("job-queued")
    unsigned = (
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"  # HMAC of nothing with nothing
    )
    assert not HOOKS.authentic(headers, body, Secret(""))
    assert not HOOKS.authentic({"X-Gitea-Signature": unsigned}, b"", Secret(""))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"{}",
        b'{"workflow_job": {}}',
    ],
)
@pytest.mark.parametrize("event", ["workflow_job", "push"])
def test_a_malformed_body_is_refused(event, body):
    with pytest.raises(ForgeRefused, match="not what Gitea writes"):
        HOOKS.read({"X-Gitea-Event": event}, body)


@pytest.mark.parametrize("headers", [{}, {"X-Gitea-Event": ""}])
def test_a_delivery_without_an_event_is_refused(headers):
    with pytest.raises(ForgeRefused, match="which event"):
        HOOKS.read(headers, b"{}")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "1"},
        {"id": -1},
        {"id": 2**63},
        {"id": None},
        {"status": "unknown"},
        {"status": ""},
        {"labels": "small"},
        {"labels": [1]},
        {"run_attempt": 2**31},
        {"created_at": "yesterday"},
        {"created_at": "2026-11-24T08:22:25"},
        {"created_at": 1795508547},
    ],
)
def test_a_job_that_is_none_is_refused(changes):
    with pytest.raises(ForgeRefused):
        told("job-queued", **changes)


@pytest.mark.parametrize(
    "name", ["", "acme", "acme/app/x", "acme/..", "./app", "acme/a b", "acme/\0", "a" * 299 + "/b"]
)
def test_a_job_of_no_proper_repository_is_refused(name):
    headers, body = delivery("job-queued")
    payload = json.loads(body)
    payload["repository"]["full_name"] = name
    payload["workflow_job"]["url"] = "x"
    with pytest.raises(ForgeRefused, match="which repository"):
        HOOKS.read(headers, json.dumps(payload).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.sampled_from(["workflow_job", "push", "workflow_run", ""]) | st.text(max_size=20)


def reads_or_refuses(headers, body):
    try:
        heard = HOOKS.read(headers, body)
    except ForgeRefused:
        return
    for job in heard.jobs:
        shown = (job.name, job.repository, job.branch, job.sha, job.url, job.sender, *job.labels)
        assert not any("\0" in text for text in shown)
        assert all(moment is None or moment.tzinfo is UTC for moment in (job.created_at, job.completed_at))
        assert job.url == "" or job.url.startswith(("http://", "https://"))


@given(EVENTS, st.binary())
def test_any_bytes_are_read_or_refused(event, body):
    reads_or_refuses({"X-Gitea-Event": event}, body)


@given(st.sampled_from(["job-succeeded", "job-queued", "push"]), st.data())
def test_any_change_to_a_real_delivery_is_read_or_refused(name, data):
    headers, body = delivery(name)
    payload = json.loads(body)
    within = payload
    for _ in range(data.draw(st.integers(0, 2))):
        inner = [value for value in within.values() if isinstance(value, dict) and value]
        within = data.draw(st.sampled_from(inner)) if inner else within
    within[data.draw(st.sampled_from(sorted(within)))] = data.draw(JSON)
    reads_or_refuses(headers, json.dumps(payload).encode())


# What a stranger may write into his workflow


def test_texts_are_cut_to_what_a_row_has_room_for():
    job = told("job-queued", name="n" * 5000, head_branch="b" * 5000, labels=["l" * 5000])
    assert (len(job.name), len(job.branch), len(job.labels[0])) == (300, 300, 300)
    assert len(told("job-queued", runner_id=1, runner_name="r" * 5000).runner_name) == 200


def test_a_name_never_holds_what_a_database_refuses():
    assert told("job-queued", name="a\0b", labels=["c\0d"]).labels == ("cd",)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "/x", "", "https://" + "x" * 600]
)
def test_only_a_web_address_becomes_a_link(link):
    assert told("job-queued", html_url=link).url == ""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-24T09:22:25+01:00", at(8, 22, 25)),
        ("1970-01-01T00:00:00Z", None),
        ("1970-01-01T01:00:00+01:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+02:00", None),
        ("9999-12-31T23:59:59-05:00", None),
        (None, None),
    ],
)
def test_times_are_utc_and_none_where_gitea_has_none(written, read):
    assert told("job-queued", created_at=written).created_at == read
