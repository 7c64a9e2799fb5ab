"""How an engine ends: by itself, at its limit, with its machine."""

import os
import signal
from collections import deque
from pathlib import Path

import pytest

from tests.images.manager import eventually
from tests.images.programs import alive
from tests.images.test_agent import number_in

# Ending an engine

STUBBORN = """
trap '' TERM INT
(setsid bash -c 'trap "" TERM; echo $$ > $HOME/hidden; while :; do sleep 1; done' &)
while [ ! -s $HOME/hidden ]; do sleep 0.05; done
echo $$ > $HOME/engine
while :; do sleep 1; done
"""


def test_the_time_limit_ends_a_stubborn_engine_and_its_hidden_children(machine, manager):
    machine.engine(STUBBORN)
    machine.start()
    machine.order(time_limit_s=2, grace_s=1)
    manager.wait("started")
    home = Path(machine.environment["HOME"])
    pids = [number_in(home / "hidden"), number_in(home / "engine")]
    done = manager.wait("done")[0]
    assert (done["cause"], done["signal"]) == ("time_limit", 9)
    assert not any(map(alive, pids))


def test_the_time_limit_holds_while_the_manager_is_away(machine, manager):
    machine.engine(STUBBORN)
    machine.start()
    machine.order(time_limit_s=2, grace_s=1)
    engine = number_in(Path(machine.environment["HOME"]) / "engine")
    manager.wait("started")
    manager.down()
    eventually(lambda: not alive(engine))
    manager.up()
    assert manager.wait("done", seconds=15)[0]["cause"] == "time_limit"


def test_stop_ends_the_engine_in_its_own_way_first(machine, manager):
    machine.engine("trap 'echo winding down; exit 0' TERM; echo up; while :; do sleep 0.1; done")
    machine.start()
    machine.order(grace_s=30)
    manager.wait("started")
    eventually(lambda: "up" in manager.tail())
    manager.beat = {"stop": True, "interval": 1}
    done = manager.wait("done")[0]
    assert (done["cause"], done["exit_code"]) == ("stopped", 0)
    assert "winding down" in manager.tail()


STEP = """
trap : TERM
setsid bash -c '%s touch $HOME/step; while :; do sleep 0.1; done' &
until wait $!; code=$?; ! kill -0 $! 2> /dev/null; do :; done
echo the step ended with $code
"""


@pytest.mark.parametrize("trap, ended_with", [("", 143), ("trap : TERM;", 137)], ids=["meek", "stubborn"])
def test_an_engine_that_waits_for_its_step_can_still_tell_how_it_ended(machine, manager, trap, ended_with):
    machine.engine(STEP % trap)
    machine.start()
    machine.order(grace_s=1)
    eventually((Path(machine.environment["HOME"]) / "step").exists)
    manager.beat = {"stop": True, "interval": 1}
    done = manager.wait("done")[0]
    assert (done["cause"], done["exit_code"]) == ("stopped", 0)
    assert f"the step ended with {ended_with}" in manager.tail()


def test_what_an_engine_leaves_behind_is_killed(machine, manager):
    machine.engine("(setsid sleep 300 & echo $! > $HOME/left)")
    machine.start()
    machine.order()
    assert manager.wait("done")[0]["cause"] == "exited"
    assert not alive(number_in(Path(machine.environment["HOME"]) / "left"))
    assert "1 processes were left behind" in manager.tail()


def test_what_a_start_script_left_running_is_spared(machine, manager):
    beside = Path(machine.environment["HOME"]) / "beside"
    machine.engine("(setsid sleep 300 &)")
    machine.start(f"sleep 300 > /dev/null 2>&1 & echo $! > {beside}; exec")
    machine.order()
    manager.wait("done")
    assert alive(number_in(beside))
    os.kill(number_in(beside), signal.SIGKILL)


@pytest.mark.parametrize("status", [401, 410])
def test_a_machine_that_is_not_wanted_stops_its_engine_and_leaves(machine, manager, status):
    machine.engine("echo $$ > $HOME/engine; sleep 300")
    machine.start()
    machine.order()
    engine = number_in(Path(machine.environment["HOME"]) / "engine")
    manager.wait("started")
    manager.answers["beat"] = deque([status] * 9)
    code, _ = machine.ended()
    assert code == 0
    assert not alive(engine)
    assert manager.said("done") == []


def test_sigterm_on_standby_leaves_at_once(machine, manager):
    machine.start()
    manager.wait("order")
    machine.process.send_signal(signal.SIGTERM)
    assert machine.ended(3)[0] == 0


def test_sigterm_in_a_job_ends_the_engine_and_says_done(machine, manager):
    machine.engine("echo $$ > $HOME/engine; sleep 300")
    machine.start()
    machine.order()
    engine = number_in(Path(machine.environment["HOME"]) / "engine")
    machine.process.send_signal(signal.SIGTERM)
    assert machine.ended(5)[0] == 0
    assert manager.said("done")[0]["cause"] == "killed"
    assert not alive(engine)


def test_sigterm_does_not_wait_for_a_manager_that_is_away(machine, manager):
    machine.engine("echo $$ > $HOME/engine; sleep 300")
    machine.start()
    machine.order()
    number_in(Path(machine.environment["HOME"]) / "engine")
    manager.down()
    machine.process.send_signal(signal.SIGTERM)
    assert machine.ended(20)[0] == 0
    manager.up()
