"""What an agent reports while its job runs, and what it never prints."""

import json
import signal
import time
from collections import deque

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
