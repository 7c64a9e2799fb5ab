"""images/agent, driven over real sockets by a fake manager. Its engine is a script in act_runner's place."""

import json
import os
import signal
import time
from collections import deque
from pathlib import Path

import pytest

from tests.images.manager import eventually
from tests.images.programs import alive


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


# Heartbeats and tails


def test_heartbeats_tell_how_the_machine_is(machine, manager):
    machine.engine("sleep 2")
    machine.start()
    machine.order()
    manager.wait("done")
    beats = manager.wait("beat", 3)
    assert {"standby", "job"} <= {beat["phase"] for beat in beats}
    for beat in beats:
        assert beat["load"] >= 0 and beat["oom_kills"] == 0
        for ago, cpu, steal, memory, disk, received, sent in beat["samples"]:
            assert ago >= 0 and 0 <= cpu <= 1 and 0 <= steal <= 1
            assert 0 < memory < beat["memory_total"] and 0 < disk <= beat["disk_total"]
            assert received >= 0 and sent >= 0


def test_while_a_job_runs_more_is_measured_than_is_sent(machine, manager):
    manager.beat = {"stop": False, "interval": 2, "every": 0.5}
    machine.engine("sleep 5")
    machine.start()
    machine.order()
    manager.wait("done", seconds=20)
    assert max(len(beat["samples"]) for beat in manager.said("beat")) >= 3


def test_what_was_measured_while_the_manager_was_away_is_told_when_it_is_back(machine, manager):
    manager.beat = {"stop": False, "interval": 1, "every": 0.5}
    machine.engine("sleep 6")
    machine.start()
    machine.order()
    manager.wait("started")
    manager.down()
    time.sleep(3)
    heard = len(manager.said("beat"))
    manager.up()
    samples = manager.wait("beat", heard + 1, seconds=20)[heard]["samples"]
    assert samples[0][0] > 2
    assert len(samples) > 1
    manager.wait("done", seconds=20)


def test_an_end_tells_what_the_order_used(machine, manager):
    machine.engine("end=$((SECONDS + 3)); while [ $SECONDS -lt $end ]; do :; done")
    machine.start()
    machine.order()
    used = manager.wait("done", seconds=20)[0]["used"]
    assert 0 < used["cpu_mean"] <= used["cpu_peak"] <= 1
    assert used["memory_peak"] > 0 and used["disk_peak"] > 0
    assert used["received"] >= 0 and used["sent"] >= 0


def test_each_heartbeat_is_below_a_kilobyte_without_its_tail(machine, manager):
    machine.engine("sleep 3")
    machine.start()
    machine.order()
    manager.wait("done", seconds=20)
    for beat in manager.said("beat"):
        assert len(json.dumps({**beat, "tail": ""})) < 1000


def test_the_images_boot_log_is_told_once(machine, manager):
    log = machine.work / "boot.log"
    log.write_text("0.95 kernel\n")
    machine.environment["FARMHAND_BOOT_LOG"] = str(log)
    machine.start()
    told = [beat.get("boot") for beat in manager.wait("beat", 2)]
    assert told[:2] == ["0.95 kernel\n", None]


def test_a_chatty_engine_is_heard_in_whole(machine, manager):
    machine.engine("for i in {1..40}; do echo line $i; sleep 0.05; done")
    machine.start()
    machine.order()
    manager.wait("done")
    heard = [line for line in manager.tail().splitlines() if line.startswith("line ")]
    assert heard == [f"line {i}" for i in range(1, 41)]


def test_a_flood_is_cut_to_its_last_16_kib(machine, manager):
    machine.engine("for i in {1..20000}; do echo line $i of a flood; done; printf 'no newline'")
    machine.start()
    machine.order()
    manager.wait("done", seconds=20)
    deltas = [body["tail"] for verb, body, _ in manager.calls if verb in ("beat", "done")]
    assert all(len(delta.encode()) <= 16 * 1024 for delta in deltas)
    assert any("line 20000 of a flood\nno newline\n" in delta for delta in deltas)
    assert "bytes left out" in manager.tail()


def test_raw_bytes_and_colours_come_as_clean_text(machine, manager):
    machine.engine(
        r"printf '\033[31mred\033[0m \xff\x00 caf\xc3\xa9\r\n'; head -c 20000 /dev/zero; echo; echo end"
    )
    machine.start()
    machine.order()
    manager.wait("done")
    assert "red \ufffd café\n" in manager.tail()
    assert "\nend\n" in manager.tail()
    assert "\x00" not in manager.tail()


def test_no_secret_is_ever_printed(machine, manager):
    machine.engine("cat .runner; env")
    manager.answers["done"] = deque([500])
    machine.start()
    machine.order(files={".runner": json.dumps({"token": "one-job-token"})})
    manager.wait("order", 2)
    machine.process.send_signal(signal.SIGTERM)
    said = machine.ended()[1] + manager.tail()
    assert '{"token": "***"}' in said
    for secret in ("one-job-token", "bootstrap-token", manager.said("claim")[0]["key"], "not for jobs"):
        assert secret not in said


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
