"""images/agent, driven over real sockets by a fake manager. Its engine is a script in act_runner's place."""

import os
import time
from collections import deque
from pathlib import Path

import pytest

from tests.images.manager import eventually


def number_in(path):
    """A process id that an engine wrote down."""
    return int(eventually(lambda: path.exists() and path.read_text().strip()))


# Claiming


def test_it_claims_with_the_bootstrap_token_and_a_key_of_its_own(machine, manager):
    machine.engine("true")
    machine.start()
    claim = manager.wait("claim")[0]
    assert (claim["vm"], claim["token"]) == (7, "bootstrap-token")
    assert len(bytes.fromhex(claim["key"])) == 32
    assert claim["engines"]["gitea"] == "0.2.13"
    manager.wait("order")
    assert manager.calls[-1][2]["Authorization"] == f"Bearer 7.{claim['key']}"


def test_a_claim_whose_answer_was_lost_is_said_again_with_the_same_key(machine, manager):
    manager.answers["claim"] = deque([-1, 502])
    machine.start()
    manager.wait("order")
    assert len({claim["key"] for claim in manager.said("claim")}) == 1
    assert len(manager.said("claim")) == 3


@pytest.mark.parametrize("status", [403, 410])
def test_a_refused_claim_is_final(machine, manager, status):
    manager.answers["claim"] = deque([status])
    machine.start()
    code, printed = machine.ended()
    assert code == 0
    assert [verb for verb, _, _ in manager.calls] == ["claim"]
    assert f"answered claim with {status}" in printed


def test_its_three_variables_are_gone_from_its_environment(machine, manager):
    machine.start()
    manager.wait("order")
    left = Path(f"/proc/{machine.process.pid}/environ").read_bytes()
    assert b"bootstrap-token" not in left
    assert b"FARMHAND_TOKEN" not in left


def test_without_its_variables_it_says_so(machine):
    del machine.environment["FARMHAND_TOKEN"]
    machine.start()
    code, printed = machine.ended()
    assert code == 1
    assert "FARMHAND_TOKEN must be set" in printed


def test_one_that_was_killed_is_started_again_and_says_so(machine, manager):
    machine.start()
    manager.wait("order")
    machine.process.kill()
    machine.ended()
    machine.environment["FARMHAND_KILLED"] = "9"
    manager.answers["claim"] = deque([403])
    machine.start()
    assert manager.wait("claim", 2)[1]["killed"] == 9
    assert machine.ended()[0] == 0


def test_a_version_that_stands_beside_an_engine_is_not_asked_for(machine, manager):
    machine.engine("true")
    (machine.engines / "act_runner.version").write_text("1.2.3\n")
    machine.start()
    assert manager.wait("claim")[0]["engines"]["gitea"] == "1.2.3"


def test_debug_access_opens_by_a_heartbeats_answer_is_told_at_once_and_closes_by_another(machine, manager):
    calls = machine.work.parent / "calls"
    machine.engine(f"echo $1 >>{calls}; echo ssh-ed25519 HOST", "debug-access")
    machine.environment["FARMHAND_DEBUG"] = str(machine.engines / "debug-access")
    manager.beat["debug"] = {"id": 5, "keys": ["ssh-ed25519 AAAA"], "seconds": 900}
    machine.start()
    told = [beat["debug"] for beat in manager.wait("beat", 2) if "debug" in beat]
    assert told == [{"id": 5, "host_key": "ssh-ed25519 HOST"}]
    del manager.beat["debug"]
    eventually(lambda: calls.read_text().split() == ["open", "close"])


# An order


def test_a_machine_that_is_to_start_anew_is_left_with_a_code_of_its_own(machine, manager):
    machine.engine("true")
    machine.start()
    machine.order()
    manager.wait("done")
    manager.give({"refresh": True})
    assert machine.ended()[0] == 75
    assert list(machine.work.iterdir()) == []


def test_an_order_is_carried_out_and_its_end_is_told(machine, manager):
    machine.engine("echo hello from the engine")
    machine.start()
    machine.order()
    done = manager.wait("done")[0]
    assert (done["order"], done["cause"], done["exit_code"], done["signal"]) == (12, "exited", 0, None)
    assert manager.said("started")[0]["order"] == 12
    assert manager.said("started")[0]["ago_s"] < 2
    assert "hello from the engine" in manager.tail()
    manager.wait("order", 2)  # it asks for the next one


def test_its_end_is_told_before_its_folder_goes_for_that_may_take_long(machine, manager):
    slow, gate = machine.engines / "rm", machine.engines / "gate"
    slow.write_text(f'#!/bin/bash\nuntil [ -e {gate} ]; do sleep 0.05; done\nexec /bin/rm "$@"\n')
    slow.chmod(0o755)
    machine.environment["PATH"] = f"{machine.engines}:{machine.environment['PATH']}"
    machine.engine("exit 3")
    machine.start()
    machine.order()
    assert manager.wait("done")[0]["exit_code"] == 3
    assert len(list(machine.work.iterdir())) == 1
    gate.touch()
    manager.wait("order", 2)
    assert list(machine.work.iterdir()) == []


def test_the_engine_gets_its_files_and_a_clean_environment_in_a_private_folder(machine, manager):
    machine.engine(
        "env > $HOME/env; stat -c %a . .runner > $HOME/modes; pwd > $HOME/pwd\n"
        "cat config.yaml > $HOME/config; echo $* > $HOME/arguments"
    )
    machine.start()
    machine.order()
    manager.wait("order", 2)  # its folder goes once its end was told
    home = Path(machine.environment["HOME"])
    environment = dict(line.split("=", 1) for line in (home / "env").read_text().splitlines())
    assert environment.keys() - {"PWD", "SHLVL", "_", "LANG"} == {"PATH", "HOME", "COLOUR", "DOCKER_HOST"}
    assert (home / "modes").read_text().split() == ["700", "600"]
    assert (home / "config").read_text() == "runner:\n  timeout: 240h\n"
    assert (home / "arguments").read_text() == "daemon --config config.yaml\n"
    assert not Path((home / "pwd").read_text().strip()).exists()
    assert list(machine.work.iterdir()) == []


def test_an_engine_is_told_of_its_forges_own_authority(machine, manager):
    machine.engine("cat $SSL_CERT_FILE > $HOME/authorities")
    machine.start()
    machine.order(authority="-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n")
    manager.wait("done")
    said = (Path(machine.environment["HOME"]) / "authorities").read_text()
    assert said.endswith("-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n")


def test_an_engine_gets_the_orders_arguments_and_its_folder_and_no_secret_among_them(machine, manager):
    machine.engine("echo $* > $HOME/arguments; pwd > $HOME/pwd; cat token > $HOME/token", "forgejo-runner")
    machine.start()
    handle = ["--uuid", "u-1", "--label", "small:host", "--handle", "h-1"]
    machine.order(engine="forgejo", files={"token": "one-job-token"}, arguments=handle)
    manager.wait("done")
    home = Path(machine.environment["HOME"])
    folder = (home / "pwd").read_text().strip()
    said = f"one-job --config config.yaml --token-url file://{folder}/token --wait {' '.join(handle)}\n"
    assert (home / "arguments").read_text() == said
    assert (home / "token").read_bytes() == b"one-job-token"  # a new line at its end would be sent along


def test_an_engine_that_lives_by_its_environment_finds_its_files_where_it_starts(machine, manager):
    machine.engine(
        "cat $WOODPECKER_AGENT_SECRET_FILE > $HOME/token; echo $# > $HOME/count", "woodpecker-agent"
    )
    machine.start()
    said = {"WOODPECKER_AGENT_SECRET_FILE": "secret"}
    machine.order(engine="woodpecker", files={"secret": "agent-token"}, environment=said)
    manager.wait("done")
    home = Path(machine.environment["HOME"])
    assert ((home / "token").read_text(), (home / "count").read_text()) == ("agent-token", "0\n")


def test_no_engine_starts_before_the_image_is_ready(machine, manager):
    ready = machine.work / "ready"
    machine.environment["FARMHAND_READY"] = str(ready)
    machine.engine("true")
    machine.start()
    machine.order()
    time.sleep(1)
    assert manager.said("started") == []
    ready.touch()
    assert manager.wait("done")[0]["cause"] == "exited"


def test_one_order_after_the_other_but_none_twice(machine, manager):
    machine.engine("echo ran >> $HOME/ran")
    machine.start()
    machine.order()
    manager.wait("done")
    machine.order()
    assert manager.wait("done", 2)[1]["order"] == 12
    machine.order(id=13)
    assert manager.wait("done", 3)[2]["order"] == 13
    assert (Path(machine.environment["HOME"]) / "ran").read_text() == "ran\nran\n"


def test_done_is_said_until_it_is_accepted(machine, manager):
    machine.engine("echo last words")
    manager.answers["done"] = deque([-1, 500])
    machine.start()
    machine.order()
    first, _, third = manager.wait("done", 3)
    assert first["cause"] == third["cause"] == "exited"
    assert "last words" in manager.tail()
    assert third["ago_s"] > first["ago_s"]
    manager.wait("order", 2)


@pytest.mark.parametrize(
    "script, cause, exit_code, by_signal",
    [
        ("exit 3", "engine_failed", 3, None),
        ("kill -9 $$", "killed", None, 9),
        ("echo write: No space left on device; exit 1", "disk_full", 1, None),
        ("echo dial tcp: connection refused; exit 1", "network_lost", 1, None),
    ],
)
def test_the_end_has_a_cause(machine, manager, script, cause, exit_code, by_signal):
    machine.engine(script)
    machine.start()
    machine.order()
    done = manager.wait("done")[0]
    assert (done["cause"], done["exit_code"], done["signal"]) == (cause, exit_code, by_signal)


@pytest.mark.parametrize("engine", ["gitea", "steam"])
def test_a_missing_engine_is_told(machine, manager, engine):
    machine.environment["PATH"] = "/usr/bin:/bin"
    machine.start()
    machine.order(engine=engine)
    done = manager.wait("done")[0]
    assert (done["cause"], done["said"]) == ("engine_missing", f"This machine has no engine {engine}.")
    assert manager.said("started") == []


@pytest.mark.parametrize(
    "changes",
    [{"files": {"../escape": "x"}}, {"files": None}, {"time_limit_s": "soon"}, {"environment": {"A": 1}}],
)
def test_an_order_that_makes_no_sense_fails_and_leaves_nothing(machine, manager, changes):
    machine.engine("true")
    machine.start()
    machine.order(**changes)
    assert manager.wait("done")[0]["cause"] == "engine_failed"
    manager.wait("order", 2)
    assert list(machine.work.iterdir()) == []


# A manager that comes and goes


def test_a_job_goes_on_while_the_manager_is_away(machine, manager):
    machine.engine("echo one; sleep 2; echo two")
    machine.start()
    machine.order()
    manager.wait("started")
    manager.down()
    time.sleep(1)
    manager.up()
    assert manager.wait("done")[0]["cause"] == "exited"
    assert {"one", "two"} <= set(manager.tail().splitlines())


def test_a_started_that_was_not_heard_is_said_before_done(machine, manager):
    machine.engine("sleep 0.3")
    manager.answers["started"] = deque([-1])
    machine.start()
    machine.order()
    manager.wait("done")
    assert [verb for verb, _, _ in manager.calls if verb in ("started", "done")] == ["started"] * 2 + ["done"]


# What it costs


def test_it_is_lean(machine, manager):
    machine.start()
    manager.wait("beat", 2)
    pid = machine.process.pid
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    assert next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) < 40 * 1024
    loaded = set(Path(f"/proc/{pid}/maps").read_text().split())
    assert not any("_ssl" in path for path in loaded)  # only where the manager speaks TLS
    before, began = cpu_seconds(pid), time.monotonic()
    manager.wait("beat", len(manager.said("beat")) + 3)
    # One beat a second here, one in ten seconds in earnest: a tenth of this share is what standby costs.
    assert (cpu_seconds(pid) - before) / (time.monotonic() - began) / 10 < 0.005


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
