"""Woodpecker's bytes, as a real 3.17 sent them, in our words; and those that nobody should send."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import respx
from httpx import Response
from hypothesis import given, strategies as st

from tfci.core.http_client import Policy
from tfci.core.secret import Secret
from tfci.forges.errors import ForgeRefused, Unreachable
from tfci.forges.facts import JobSeen, StepSeen
from tfci.forges.problems import AgentsOff
from tfci.forges.target import ForgeTarget
from tfci.forges.woodpecker import labels
from tfci.forges.woodpecker.client import Woodpecker
from tfci.forges.woodpecker.workflows import Pipelines

RECORDED = Path(__file__).parent / "fixtures"
URL = "https://ci.example.org"
API = f"{URL}/api"
GRPC = "grpcs://ci.example.org:9000"


def answer(name):
    return json.loads((RECORDED / f"{name}.json").read_text())


def woodpecker(level="org", runner_url=GRPC):
    return Woodpecker(
        ForgeTarget(
            URL, "acme", Secret("t0ken"), Policy(), level=level, engine="woodpecker", runner_url=runner_url
        )
    )


@pytest.fixture
def web():
    with respx.mock(assert_all_called=False) as web:
        web.get(f"{API}/orgs/lookup/acme").respond(json=answer("org"))
        web.get(f"{API}/repos/lookup/acme/app").respond(json=answer("repo"))
        web.get(f"{API}/repos/1/pipelines/1").respond(json=answer("pipeline-succeeded"))
        web.get(f"{API}/repos/1/pipelines/2").respond(json=answer("pipeline-killed"))
        yield web


def the_queue(web, name, **changes):
    """A recorded queue; `changes` to its first pending task."""
    queue = answer(name)
    if changes:
        queue["pending"][0] |= changes
    web.get(f"{API}/queue/info").respond(json=queue)


# Jobs


def test_a_workflow_in_the_queue_is_a_job(web):
    the_queue(web, "queue-pending")
    (job,) = woodpecker().waiting_jobs()
    assert job == JobSeen(
        job_id="1",
        run_id="1",
        repository="acme/app",
        name="one",
        labels=("small",),
        status="queued",
        workflow="one",
        branch="main",
        sha="2c8a620d4e92017e254c3fe5fa9499c0e48fe1db",
        url=f"{URL}/repos/1/pipeline/1",
        sender="keeper",
        created_at=datetime.fromtimestamp(1795508741, UTC),
        handle="!size=small",
    )


def test_one_of_another_organisation_is_none_of_ours(web):
    queue = answer("queue-pending")
    queue["pending"][0]["labels"]["org-id"] = "7"
    web.get(f"{API}/queue/info").respond(json=queue)
    assert woodpecker().waiting_jobs() == []
    assert len(woodpecker("instance").waiting_jobs()) == 1


def test_one_that_runs_names_its_agent(web):
    the_queue(web, "queue-running")
    (job,) = woodpecker().running_jobs()
    assert (job.job_id, job.status, job.runner_id, job.runner_name) == ("3", "in_progress", "3", "vm")


def test_one_that_fell_back_into_the_queue_is_not_to_be_served_again(web):
    the_queue(web, "queue-pending", agent_id=3, agent_name="vm")
    assert woodpecker().waiting_jobs() == []
    (job,) = woodpecker().running_jobs()
    assert (job.job_id, job.runner_id) == ("1", "3")


def test_a_workflow_that_has_ended_says_how_and_its_steps(web):
    job = woodpecker().job("acme/app", "1", "1")
    assert (job.status, job.conclusion, job.runner_id) == ("completed", "success", "2")
    assert job.steps == (
        StepSeen("build", datetime.fromtimestamp(1795508744, UTC), datetime.fromtimestamp(1795508745, UTC)),
    )


@pytest.mark.parametrize("state", ["killed", "running", "pending"])
def test_in_a_pipeline_that_was_killed_nothing_goes_on_whatever_a_workflow_says(web, state):
    """Seen: where the agent does not answer, it says running for ever."""
    killed = answer("pipeline-killed")
    killed["workflows"][1]["state"] = state
    web.get(f"{API}/repos/1/pipelines/2").respond(json=killed)
    driver = woodpecker()
    assert (driver.job("acme/app", "2", "3").status, driver.job("acme/app", "2", "3").conclusion) == (
        "completed",
        "cancelled",
    )
    assert driver.job("acme/app", "2", "2").conclusion == "cancelled"


def test_one_that_waits_for_approval_is_held_back(web):
    blocked = answer("pipeline-succeeded") | {"status": "blocked"}
    blocked["workflows"][0]["state"] = "blocked"
    web.get(f"{API}/repos/1/pipelines/1").respond(json=blocked)
    assert woodpecker().job("acme/app", "1", "1").status == "waiting"


def test_a_log_is_all_steps_without_what_base64_hides(web):
    lines = [{"data": "aGVsbG8K"}, {"data": "d8O2cmxk"}, {"data": "???"}]
    web.get(f"{API}/repos/1/logs/1/1").respond(json=lines)
    assert woodpecker().log("acme/app", "1", "1").startswith("hello\nwörld\n")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), st.lists, max_leaves=6))
def test_an_odd_queue_is_unreadable_and_never_more(said):
    with respx.mock as web:
        web.get(f"{API}/queue/info").respond(content=json.dumps(said).encode())
        with pytest.raises(Unreachable, match="not what Woodpecker writes"):
            woodpecker("instance").waiting_jobs()


# Labels


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"size": "small"}, ("small",)),
        ({"gpu": "true", "size": "4x"}, ("4x", "gpu")),
        ({"team": "blue"}, ("team=blue",)),
        ({"size": "tfgrid=7/cpu=4"}, ("size=tfgrid=7/cpu=4",)),
        ({"platform": "linux/amd64", "size": "small"}, ("small",)),
        ({"platform": "linux/arm64/v8"}, ("arm64",)),
        ({"backend": "docker"}, ("backend=docker",)),
        ({"repo": "a/b", "org-id": "2", "woodpecker-ci.org/branch": "main", "empty": ""}, ()),
    ],
)
def test_pairs_become_words_and_what_asks_for_nothing_is_none(written, words):
    assert labels.words(written) == words


@pytest.mark.parametrize("words", [["small"], ["gpu", "small"], ["team=blue", "4x"], ["team=blue"]])
def test_what_a_workflow_writes_is_read_as_the_words_that_it_was_written_for(words):
    assert set(labels.words(labels.pairs(words))) == set(words)


def test_an_agent_must_be_asked_for_by_all_that_its_workflow_asks_for():
    asked = {"size": "small", "gpu": "true", "repo": "acme/app", "platform": "linux/amd64"}
    assert labels.required(asked) == "!gpu=true,!size=small"
    assert labels.required({"platform": "linux/arm64"}) == "!platform=linux/arm64,platform=linux/arm64"


def test_a_workflow_is_written_with_pairs():
    written = Pipelines()
    assert written.asks(["ours", "small"]) == 'labels:\n  size: small\n  ours: "true"'
    assert "labels:\n  size: small\nskip_clone: true\nsteps:" in written.test_job(["small"])
    assert [line for sign, line in written.change(["small"]) if sign == "+"] == ["labels:", "  size: small"]


# Runners


def test_an_agent_gets_one_workflow_and_its_token_stands_in_a_file_alone(web):
    made = web.post(f"{API}/orgs/2/agents").respond(json=answer("agent-made") | {"token": "a-t0ken"})
    registration = woodpecker().register("fh-1-2", ["small"], "!size=small")
    assert json.loads(made.calls[0].request.content) == {"name": "fh-1-2"}
    order = woodpecker().order(registration.credential, ["small"])
    said = {name.removeprefix("WOODPECKER_"): value.reveal() for name, value in order.environment.items()}
    assert said == {
        "SERVER": "ci.example.org:9000",
        "GRPC_SECURE": "true",
        "GRPC_SKIP_VERIFY": "false",
        "HOSTNAME": "fh-1-2",
        "AGENT_SECRET_FILE": "secret",
        "AGENT_CONFIG_FILE": "agent.conf",
        "AGENT_LABELS": "!size=small",
        "AGENT_SINGLE_WORKFLOW": "true",
        "MAX_WORKFLOWS": "1",
        "HEALTHCHECK": "false",
    }
    assert order.files["secret"].reveal() == "a-t0ken"


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "ci.example.org:9000",
        "https://ci.example.org",
        "grpc://ci.example.org",
        "grpc://a b:1",
        "grpc://u@h:1",
    ],
)
def test_what_is_no_address_of_a_grpc_port_is_refused(wrong):
    with pytest.raises(ForgeRefused, match="grpc://ci.example.org:9000"):
        woodpecker(runner_url=wrong)


def test_agents_of_organisations_are_not_those_of_the_instance(web):
    two = answer("agents-two")
    web.get(f"{API}/agents").respond(json=[two[0], two[1] | {"org_id": 2}])
    assert [runner.runner_id for runner in woodpecker("instance").runners()] == ["1"]


def test_an_empty_list_is_null_there(web):
    web.get(f"{API}/orgs/2/agents").respond(content=(RECORDED / "agents-none.json").read_bytes())
    assert woodpecker().runners() == []


def test_an_agent_with_work_gets_no_more_its_work_is_ended_and_then_it_goes(web):
    the_queue(web, "queue-running")
    web.get(f"{API}/agents/3").respond(json=answer("agents-two")[1])
    told = web.patch(f"{API}/agents/3").respond(json={})
    gone = web.delete(f"{API}/agents/3").mock(
        side_effect=[Response(409, text="Agent has running tasks"), Response(204)]
    )
    ended = web.post(f"{API}/repos/1/pipelines/2/cancel").respond(204)
    woodpecker().remove_runner("3")
    assert json.loads(told.calls[0].request.content) == {"name": "vm", "no_schedule": True}
    assert (gone.call_count, ended.call_count) == (2, 1)


def test_an_agent_that_never_lets_go_of_its_work_is_tried_again_later(web):
    the_queue(web, "queue-running")
    web.get(f"{API}/agents/3").respond(json=answer("agents-two")[1])
    web.patch(f"{API}/agents/3").respond(json={})
    web.delete(f"{API}/agents/3").respond(409, text="Agent has running tasks")
    web.post(f"{API}/repos/1/pipelines/2/cancel").respond(400, text="Cannot cancel")
    with pytest.raises(Unreachable, match="still shows work"):
        woodpecker().remove_runner("3")


def test_where_organisations_may_have_no_agents_that_is_said(web):
    web.get(f"{URL}/version").respond(json={"version": "3.17.0", "source": ""})
    web.get(f"{API}/user").respond(json=answer("user"))
    the_queue(web, "queue-pending")
    web.get(f"{API}/orgs/2/agents").respond(404)
    assert woodpecker().check().problems == (AgentsOff(),)
