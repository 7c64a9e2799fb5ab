"""The runner protocol, as recorded from Gitea 1.25.4 and as its facts say."""

import base64
import json

from ruamel.yaml import YAML

from tests.practice.forge.harness import RUNNER_CALLS
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
