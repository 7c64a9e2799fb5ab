"""Agent and practice engine together: an order becomes a job that has run. Only the manager is a fake."""

import json

import pytest

from tests.practice.forge.harness import Forge, a_place


@pytest.fixture
def place(tmp_path):
    forge = Forge(tmp_path / "forge")
    yield a_place(forge, "together")
    assert forge.stop() == 0


def test_an_order_for_the_practice_engine_runs_the_job(machine, manager, place):
    job = place.push("on: push\njobs:\n  build:\n    runs-on: small\n    steps:\n    - run: echo $COLOUR\n")[
        0
    ]
    runner = place.runner("small")
    facts = {"id": runner.id, "uuid": runner.uuid, "token": runner.token, "name": "vm-7", "ephemeral": True}
    facts |= {"address": place.forge.url, "labels": ["small:host"]}
    machine.start()
    machine.order(engine="practice", files={".runner": json.dumps(facts)})
    done = manager.wait("done")[0]
    assert (done["cause"], done["exit_code"]) == ("exited", 0)
    assert place.job(job["id"])["conclusion"] == "success"
    assert place.runners() == []
    assert manager.said("claim")[0]["engines"]["practice"] == "1"
    assert "step 1 of 1: success" in manager.tail()
    assert runner.token not in manager.tail()
