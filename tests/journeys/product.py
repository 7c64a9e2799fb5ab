"""The whole product as a person starts it: `make run` in a folder of its own, and what one sees of it from outside."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.practice.forge.harness import ROOT
from tfci.management.up.waiting import until

UP = [sys.executable, "-m", "tfci.management.up"]
READY = "Press Ctrl-C to stop"
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
        found = [pid for pid in children if word.encode() in _file_of(Path("/proc", pid), "cmdline")]
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
        return [
            str(entry)
            for entry in Path("/proc").glob("[0-9]*")
            if mark in _file_of(entry, "environ").split(b"\0")
        ]


def _file_of(process: Path, name: str) -> bytes:
    """Empty for a process that is gone."""
    try:
        return (process / name).read_bytes()
    except OSError:
        return b""
