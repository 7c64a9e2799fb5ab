"""The simulated grid's own process, for tests: started, told what to do, killed, started again."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from practice.grid import processes
from tfci.core.http_client import Client, Policy
from tfci.core.secret import Secret
from tfci.core.tft import UNIT
from tfci.grid.drivers import simulated
from tfci.grid.ports import NodeSeen

POLICY = Policy(allow_private=True)
QUICK = ("--nodes", "300", "--chain-latency", "0", "--boot", "0", "--machine", "sleep 3600")


def until(true: Callable[[], object], seconds: float = 20) -> object:
    """What `true` answers, as soon as that is true."""
    end = time.monotonic() + seconds
    while not (answer := true()):
        assert time.monotonic() < end, f"not within {seconds} seconds: {true.__name__}"
        time.sleep(0.02)
    return answer


class Grid:
    """Later options win over earlier ones, so a test adds its own to QUICK."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self._options = [*QUICK, *options]
        self.start()

    def start(self, *options: str) -> None:
        """At the address it had before, if it had one."""
        self._options += options
        port = self.url.rpartition(":")[2] if hasattr(self, "url") else "0"
        program = [sys.executable, "-m", "practice.grid", "--home", str(self.home), "--port", port]
        with open(self.home.with_suffix(".log"), "ab") as log:
            self._process = subprocess.Popen([*program, *self._options], stdout=log, stderr=log)
        ready = until(self._ready)
        self.url = ready["url"]
        headers = {"Authorization": f"Bearer {ready['control_token']}"}
        self._control = Client(self.url, POLICY, headers=headers)
        self.proxy = simulated.SimulatedCatalog(self.url, POLICY)

    def stop(self) -> int:
        """Asked to end; returns its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)

    def kill(self) -> None:
        """Dead without a word."""
        self._process.kill()
        self._process.wait(20)

    def close(self) -> None:
        """Nothing is left, also of a grid that a test has killed."""
        if self._process.poll() is None:
            self.stop()
        processes.end(list((self.home / "machines").glob("*-*")))

    def control(self, path: str, method: str = "POST", **body: object) -> dict:
        answer = self._control.request(method, "/control" + path, json=body)
        assert answer.status == 200, answer.body
        return answer.json()

    def account(self, tft: int = 1000) -> simulated.SimulatedAccount:
        """A new one with so many whole TFT."""
        opened = self.control("/accounts", amount=tft * UNIT)
        return simulated.SimulatedAccount(self.url, Secret(opened["mnemonic"]), POLICY)

    def journal(self, *kinds: str) -> list[dict]:
        """What happened of these kinds, or at all."""
        lines = (self.home / "journal.jsonl").read_text().splitlines()
        events = [json.loads(line) for line in lines]
        return [event for event in events if not kinds or event["event"] in kinds]

    def folder(self, name: str) -> Path:
        """The home of the machine of this name."""
        (found,) = (self.home / "machines").glob(f"{name}-*[0-9]")
        return found

    def alive(self, name: str) -> bool:
        """Whether the machine's own process runs."""
        started = [event for event in self.journal("started") if event["name"] == name]
        return bool(started) and processes.alive(started[-1]["pid"], started[-1]["ticks"])

    def _ready(self) -> dict | None:
        assert self._process.poll() is None, self.home.with_suffix(".log").read_text()
        path = self.home / "ready.json"
        ready = json.loads(path.read_text()) if path.exists() else {}
        return ready if ready.get("pid") == self._process.pid else None


def free_node(grid: Grid) -> NodeSeen:
    """A node with room for some machines."""
    return next(
        node for node in grid.proxy.nodes() if node.healthy and node.free_mru > 16_384 and node.free_sru > 200
    )
