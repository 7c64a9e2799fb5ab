import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tfci.management.up.children import LOG_LIMIT, Child, Family
from tfci.management.up.leash import leashed
from tfci.management.up.waiting import until


@pytest.fixture
def said():
    return []


@pytest.fixture
def family(said):
    family = Family(said.append)
    yield family
    family.end()


@pytest.fixture
def a_child(tmp_path):
    def make(name: str, script: str = "exec sleep 60", **more) -> Child:
        values = {"last_signal": signal.SIGTERM, "socket": None, "speaks": False} | more
        command = leashed(["sh", "-c", script], "TERM")
        return Child(
            name, command, {"PATH": os.environ["PATH"]}, tmp_path / f"{name}.log", tmp_path, **values
        )

    return make


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int) -> None:
    until(lambda: not runs(pid), 5, f"the end of {pid}")


def written(file: Path) -> int:
    """The pid that a script wrote there."""
    until(lambda: file.exists() and file.read_text().strip(), 5, file.name)
    return int(file.read_text())


def test_a_child_that_was_killed_is_started_again(family, said, a_child):
    child = a_child("web")
    family.add(child)
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    until(lambda: child.alive and child.process.pid != first, 10, "its successor", family.tend)
    assert "web was killed by SIGKILL; restarting in 0.5 s" in said[0]


def test_one_that_keeps_dying_is_given_longer_and_longer_pauses(family, said, a_child):
    family.add(a_child("web", "exit 3"))
    until(lambda: len(said) == 3, 10, "three deaths", family.tend)
    assert [line.split(" (")[0] for line in said] == [
        f"web exited with code 3; restarting in {pause} s" for pause in ("0.5", "1.0", "2.0")
    ]


def test_what_a_dead_child_left_behind_is_ended(family, tmp_path, a_child):
    child = a_child("web", "sleep 60 & echo $! > left; wait")
    family.add(child)
    left = written(tmp_path / "left")
    child.process.kill()
    until(lambda: not child.alive, 5, "its death")
    family.tend()
    gone(left)


def test_a_socket_file_that_a_dead_child_left_is_in_nobody_s_way(family, tmp_path, a_child):
    (tmp_path / "web").touch()
    family.add(a_child("web", socket=tmp_path / "web"))
    assert not (tmp_path / "web").exists()


def test_the_end_comes_for_all_and_for_the_engines_last(family, tmp_path, a_child):
    note = "trap 'echo {0} >> ends; exit' TERM; echo x > {0}; while :; do sleep 0.05; done"
    names = ["postgres", "valkey", "web", "beat"]
    children = [a_child(name, note.format(name)) for name in names]
    family.add(*children)
    until(lambda: all((tmp_path / name).exists() for name in names), 5, "all four")
    family.end()
    assert not any(child.alive for child in children)
    ends = (tmp_path / "ends").read_text().split()
    assert set(ends[:2]) == {"web", "beat"}
    assert ends[2:] == ["valkey", "postgres"]


def test_nothing_outlives_a_parent_that_is_killed(tmp_path):
    start = (
        "import subprocess, sys, time; subprocess.Popen(sys.argv[1:], start_new_session=True); time.sleep(60)"
    )
    child = leashed(["sh", "-c", "echo $$ > pid; exec sleep 60"], "TERM")
    parent = subprocess.Popen([sys.executable, "-c", start, *child], cwd=tmp_path)
    orphan = written(tmp_path / "pid")
    parent.kill()
    parent.wait()
    gone(orphan)


def test_a_log_that_grew_too_long_becomes_the_old_one(family, tmp_path, a_child):
    child = a_child("web")
    family.add(child)
    with open(child.log, "ab") as log:
        log.truncate(LOG_LIMIT + 1)
    family.tend()
    assert child.log.stat().st_size == 0
    assert (tmp_path / "web.old").stat().st_size == LOG_LIMIT + 1


def test_waiting_in_vain_ends_and_says_for_what():
    began = time.monotonic()
    with pytest.raises(TimeoutError, match="waiting for rain"):
        until(lambda: False, 0.3, "rain")
    assert time.monotonic() - began < 3
