"""`make run` as a person sees it: started, hurt, ended, and started again."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tfci.management.up import ports
from tfci.management.up.ready import FROM_DEMO
from tfci.management.up.waiting import until

ROOT = Path(__file__).resolve().parent.parent
UP = [sys.executable, "-m", "tfci.management.up"]
READY = "Ctrl-C ends everything"
BEHIND = ["sh", "-c", 'trap "" INT; exec "$@"', "-"]  # as a script starts it with &, which ignores Ctrl-C


class Run:
    def __init__(self, home: Path, port: int) -> None:
        self.home, self.ready_file, self.said = home, home / "ready.json", home.with_suffix(".said")
        its = {"FARMHAND_HOME": str(home), "FARMHAND_PORT": str(port), "FARMHAND_GRID": "simulated"}
        self.environment = os.environ | its

    def begin(self) -> None:
        with open(self.said, "w") as said:
            self.process = subprocess.Popen(
                BEHIND + UP, cwd=ROOT, env=self.environment, stdout=said, stderr=said
            )

    def reaches(self, word: str) -> None:
        """Returns when it has said so. It may not have ended before."""
        until(lambda: word in self.words() or self.process.poll() is not None, 300, f"“{word}”")
        assert self.process.poll() is None, self.words()

    def words(self) -> str:
        return self.said.read_text()

    def ready(self) -> dict:
        return json.loads(self.ready_file.read_text())

    def healthy(self) -> bool:
        try:
            return urllib.request.urlopen(self.ready()["url"] + "/health", timeout=8).status == 200
        except OSError:
            return False

    def child(self, word: str) -> int:
        """The pid of a direct child whose command has this word; 0 when there is none."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        found = [pid for pid in children if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()]
        return int(found[0]) if found else 0

    def end(self) -> int:
        """The exit code after a Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()

    def left(self) -> list[str]:
        """Processes that still have this home in their environment."""
        mark = f"FARMHAND_HOME={self.home}".encode()
        return [str(entry) for entry in Path("/proc").glob("[0-9]*") if mark in _environment_of(entry)]


def _environment_of(process: Path) -> list[bytes]:
    try:
        return (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return []


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = Run(tmp_path_factory.mktemp("whole") / "a home of my own", next(ports.free()))
    run.begin()
    run.reaches(READY)
    yield run
    if run.process.poll() is None:
        run.end()


def test_it_says_how_to_sign_in_and_writes_it_down_for_its_owner_only(run):
    ready = run.ready()
    assert set(ready) == {"url", "forge_url", *FROM_DEMO}
    assert all(ready.values())
    assert run.ready_file.stat().st_mode & 0o777 == 0o600
    assert ready["url"] in run.words()
    assert ready["email"] in run.words()
    assert ready["password"] in run.words()
    assert "on this machine only" in run.words()


def test_a_second_one_in_the_same_home_says_why_not(run):
    second = subprocess.run(UP, cwd=ROOT, env=run.environment, capture_output=True, text=True, timeout=30)
    assert second.returncode == 1
    assert "already runs" in second.stdout
    assert run.healthy()


@pytest.mark.parametrize("word", ["granian", "caddy", "postgres", "valkey"])
def test_a_process_that_is_killed_comes_back_and_all_goes_on(run, word):
    killed = run.child(word)
    os.kill(killed, signal.SIGKILL)
    until(lambda: run.child(word) not in (0, killed) and run.healthy(), 40, f"the next {word}")


def test_it_ends_leaving_no_process_and_starts_again_as_it_was(run):
    before = run.ready()
    assert run.end() == 0
    assert not run.ready_file.exists()
    until(lambda: not run.left(), 5, "the last process")
    run.begin()
    run.reaches(READY)
    assert run.ready() == before


def test_one_that_was_killed_leaves_no_process_and_its_successor_is_not_taken_for_ready(run):
    run.process.kill()
    run.process.wait()
    until(lambda: not run.left(), 20, "the last process")
    assert run.ready_file.exists()
    run.begin()
    run.reaches("Bringing the database up to date")
    assert not run.ready_file.exists()
    run.reaches(READY)
    assert run.healthy()
