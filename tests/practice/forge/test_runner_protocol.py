"""The runner protocol, as recorded from Gitea 1.25.4 and as its facts say."""

import base64
import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from ruamel.yaml import YAML

from tests.practice.forge.harness import RUNNER_CALLS, a_place, one_job
from tests.practice.forge.shape import recorded, shape

WORKFLOW = """\
name: recorded
on: [push]
jobs:
  build:
    runs-on: small
    env: {A: one}
    steps:
    - name: say
      run: |
        echo hello
        echo again
    - run: exit 0
"""
UNREGISTERED = {"code": "unknown", "message": "rpc error: code = Unauthenticated desc = unregistered runner"}
NEEDS = """\
on: push
jobs:
  first: {runs-on: small, steps: [{run: "true"}]}
  second: {needs: first, runs-on: small, steps: [{run: "true"}]}
"""


def test_the_recorded_conversation_goes_the_same_way_here(place):
    """Each recorded call is said again, with this forge's names put in; the answers look the same."""
    conversation = [step for step in recorded("runner-protocol.json") if step["call"].isalpha()]
    names = {"REGISTRATION-TOKEN": place.registration_token()}
    headers, pushed, tasks_version = {}, False, None
    for step in conversation:
        if step["call"] == "FetchTask" and "task" in step["response"] and not pushed:
            place.push(WORKFLOW, "recorded.yml")
            pushed = True
        request = json.loads(_renamed(json.dumps(step["request"]), names))
        reply = place.forge.call("POST", f"{RUNNER_CALLS}/{step['call']}", request, headers=headers)
        assert reply.status == step["status"], (step["call"], reply.raw)
        answer = reply.json
        if step["call"] == "Register" and reply.status == 200:
            runner = answer["runner"]
            headers = {"x-runner-uuid": runner["uuid"], "x-runner-token": runner["token"]}
        if "task" in answer:
            names |= {'"id": "1"': f'"id": "{answer["task"]["id"]}"'}
            names |= {'"taskId": "1"': f'"taskId": "{answer["task"]["id"]}"'}
            assert _workflow(answer["task"]) == _workflow(step["response"]["task"])
        assert _unordered(answer) == _unordered(step["response"]), step["call"]
        tasks_version = answer.get("tasksVersion", tasks_version)
    assert isinstance(tasks_version, str)


def _workflow(task):
    return YAML(typ="safe").load(base64.b64decode(task["workflowPayload"]).decode())


def _renamed(text, names):
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def _unordered(value):
    """A protocol message's shape; its fields have no order."""
    if isinstance(value, dict):
        return {key: _unordered(item) for key, item in value.items()}
    return [_unordered(value[0])] if isinstance(value, list) and value else shape(value)


def test_a_runner_is_refused_with_the_seen_500_when_it_is_unknown_or_its_token_is_wrong(place):
    runner = place.runner("small")
    wrong = replace(runner, token="wrong").call("FetchTask", {"tasksVersion": "0"})
    unknown = replace(runner, uuid="nobody").call("Declare", {"labels": []})
    for reply in (wrong, unknown):
        assert (reply.status, reply.json) == (500, UNREGISTERED)


def test_register_needs_a_name_and_a_token(place):
    for body in ({"name": "x"}, {"token": place.registration_token()}, {}):
        reply = place.forge.call("POST", f"{RUNNER_CALLS}/Register", body)
        message = "missing runner token, name"
        assert (reply.status, reply.json) == (500, {"code": "unknown", "message": message})


def test_fetch_looks_for_jobs_only_when_the_tasks_version_differs(place):
    place.push(one_job())
    runner = place.runner("small")
    newest = place.runner("other").call("FetchTask", {"tasksVersion": "0"}).json["tasksVersion"]
    assert runner.fetch(newest) is None
    assert runner.fetch("0") is not None


def test_a_number_may_also_come_as_a_json_number(place):
    place.push(one_job())
    runner = place.runner("small")
    task = runner.call("FetchTask", {"tasksVersion": 0}).json["task"]
    reply = runner.call("UpdateTask", {"state": {"id": int(task["id"]), "result": 1}})
    assert reply.json == {"state": {"id": task["id"], "result": "RESULT_SUCCESS"}}


def test_a_gzipped_call_is_understood(place):
    runner = place.runner("small")
    headers = {"x-runner-uuid": runner.uuid, "x-runner-token": runner.token, "Content-Encoding": "gzip"}
    body = gzip.compress(json.dumps({"version": "v9", "labels": ["packed"]}).encode())
    reply = place.forge.call("POST", f"{RUNNER_CALLS}/Declare", body, headers=headers)
    assert reply.json["runner"]["labels"] == ["packed"]


def test_anything_but_json_is_refused_as_an_unsupported_type(place):
    headers = {"Content-Type": "application/proto"}
    assert place.forge.call("POST", f"{RUNNER_CALLS}/Register", b"\x0a", headers=headers).status == 415


@pytest.mark.parametrize(
    "offered, taken",
    [
        (["tfgrid-a"], True),
        (["tfgrid-a", "more"], True),
        (["TFGRID-A"], False),
        (["tfgrid"], False),
        ([], False),
    ],
)
def test_a_runner_gets_a_job_whose_labels_it_all_has_spelled_the_same(place, offered, taken):
    place.push(one_job("tfgrid-a"))
    assert (place.runner(*offered).fetch() is not None) is taken


def test_a_job_with_two_labels_needs_a_runner_with_both(place):
    place.push(one_job("[a, b]"))
    assert place.runner("a").fetch() is None
    assert place.runner("b", "a").fetch() is not None


def test_the_oldest_queued_job_comes_first(place):
    place.write({f".gitea/workflows/{name}.yml": one_job() for name in ("one", "three", "two")})
    names = [place.runner("small").fetch()["context"]["workflow"] for _ in range(3)]
    assert names == ["one.yml", "three.yml", "two.yml"]


def test_a_runner_of_another_organization_never_gets_the_job(place, forge):
    place.push(one_job())
    assert a_place(forge, f"{place.org}b").runner("small").fetch() is None


def test_twenty_runners_at_once_share_ten_jobs_without_a_double(place):
    place.push(one_job("small", strategy="{matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}}"))
    runners = [place.runner("small") for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        tasks = [task for task in pool.map(lambda runner: runner.fetch(), runners) if task]
    assert len({task["id"] for task in tasks}) == len(tasks) == 10
    assert {job["status"] for job in place.jobs()} == {"in_progress"}


def test_an_ephemeral_runner_gets_one_task_ever_and_is_gone_at_its_end(place):
    place.push(one_job("small", strategy="{matrix: {n: [1, 2]}}"))
    runner = place.runner("small")
    task = runner.fetch()
    assert runner.fetch() is None, "while its task runs it gets no other"
    runner.end(task)
    assert place.runners() == []
    assert runner.call("FetchTask", {"tasksVersion": "0"}).json == UNREGISTERED


def test_an_ephemeral_runner_that_was_never_used_stays(place):
    runner = place.runner("small")
    assert [shown["id"] for shown in place.runners()] == [runner.id]


def test_a_lasting_runner_takes_one_job_after_the_other(place):
    place.push(one_job("small", strategy="{matrix: {n: [1, 2]}}"))
    runner = place.runner("small", ephemeral=False)
    runner.run_one()
    runner.run_one()
    assert [job["conclusion"] for job in place.jobs()] == ["success", "success"]
    assert [shown["id"] for shown in place.runners()] == [runner.id]


def test_declare_replaces_the_labels(place):
    runner = place.runner("small", ephemeral=False)
    reply = runner.call("Declare", {"version": "v2", "labels": ["large", "gpu"]})
    assert reply.json["runner"] | {"id": None, "uuid": None} == {
        "id": None, "uuid": None, "name": "r", "version": "v2", "labels": ["large", "gpu"],
    }  # fmt: skip
    assert [label["name"] for label in place.runners()[0]["labels"]] == ["large", "gpu"]


def test_log_lines_that_come_twice_are_kept_once(place):
    job = place.push(one_job())[0]
    runner = place.runner("small")
    task = runner.fetch()
    assert runner.log(task, "one", "two").json == {"ackIndex": "2"}
    assert runner.log(task, "two", "three", index=1).json == {"ackIndex": "3"}
    assert runner.log(task, "from the future", index=9).json == {"ackIndex": "3"}
    log = place.get(f"{place.repo}/actions/jobs/{job['id']}/logs")
    assert log.raw.decode().splitlines() == [
        f"2026-11-24T08:23:52.1234567Z {n}" for n in ("one", "two", "three")
    ]
    assert log.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_task_of_another_runner_cannot_be_touched(place):
    place.push(one_job())
    task = place.runner("small").fetch()
    other = place.runner("small")
    message = "rpc error: code = Internal desc = update task: invalid runner for task"
    assert other.end(task).json == {"code": "unknown", "message": message}
    assert other.log(task, "x").status == 500


def test_a_task_tells_what_came_of_the_jobs_it_needs(place):
    place.push(NEEDS)
    place.runner("small").run_one()
    task = place.runner("small").fetch()
    assert task["needs"] == {"first": {"result": "RESULT_SUCCESS"}}


def test_outputs_are_handed_to_the_jobs_that_need_them(place):
    place.push(NEEDS)
    runner = place.runner("small")
    task = runner.fetch()
    assert runner.end(task, outputs={"answer": "42"}).json["sentOutputs"] == ["answer"]
    assert place.runner("small").fetch()["needs"]["first"]["outputs"] == {"answer": "42"}


def test_ping_answers(forge):
    reply = forge.call("POST", "/api/actions/ping.v1.PingService/Ping", {"data": "you"})
    assert reply.json == {"data": "Hello, you!"}
