"""Child processes: started, watched, started again when they die, ended in order."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tfci.core.optional import present

LONGEST_PAUSE = 15  # seconds before a child that keeps dying is started again
STEADY = 30  # seconds after which it counts as running well
PATIENCE = 20  # seconds to end by itself
LOG_LIMIT = 16 * 1024 * 1024  # bytes; one older file of that size is kept


@dataclass
class Child:
    """One process and those it starts. The command must be on the leash (leash.py)."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    folder: Path
    last_signal: int
    socket: Path | None  # where it listens; one killed leaves the file, over which its successor stumbles
    speaks: bool  # its standard output is for the person at the terminal

    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    due_at: float = 0.0
    deaths: int = 0

    def start(self, now: float) -> None:
        if self.socket:
            self.socket.unlink(missing_ok=True)
        # In a session of its own: Ctrl-C at the terminal is for us, and who is left of it can be ended.
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=None if self.speaks else log,
                stderr=log,
                start_new_session=True,
            )
        self.started_at = now

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def bury(self, now: float) -> float:
        """Ends what a dead child left behind. Returns the seconds until it should be started again."""
        self.end_group()
        self.process = None
        self.deaths = 1 if now - self.started_at > STEADY else self.deaths + 1
        pause = min(LONGEST_PAUSE, 0.25 * 2**self.deaths)
        self.due_at = now + pause
        return pause

    def end_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(present(self.process).pid, signal.SIGKILL)

    def trim_log(self) -> None:
        if self.log.stat().st_size > LOG_LIMIT:
            shutil.copyfile(self.log, self.log.with_suffix(".old"))
            os.truncate(self.log, 0)


class Family:
    """All children, in the order in which they were started."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.children: list[Child] = []
        self.say = say

    def add(self, *children: Child) -> None:
        for child in children:
            self.children.append(child)
            child.start(time.monotonic())

    @property
    def whole(self) -> bool:
        return all(child.alive for child in self.children)

    def tend(self) -> None:
        """One round: who died is buried, who is due is started again."""
        now = time.monotonic()
        for child in self.children:
            if child.alive:
                child.trim_log()
            elif child.process:
                how = _how(child.process.returncode)
                pause = child.bury(now)
                self.say(f"{child.name} {how}; restarting in {pause:.1f} s ({child.log})")
            elif now >= child.due_at:
                child.start(now)

    def end(self) -> None:
        """Ends all, the last started together first and the engines, on which they stand, after them."""
        engines = [child for child in self.children if child.name in ("postgres", "valkey")]
        _end([child for child in self.children if child not in engines])
        for engine in reversed(engines):
            _end([engine])
        self.children.clear()


def _end(children: list[Child]) -> None:
    living = [(child, child.process) for child in children if child.process]
    for child, process in living:
        process.send_signal(child.last_signal)
    deadline = time.monotonic() + PATIENCE
    for child, process in living:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, deadline - time.monotonic()))
        child.end_group()
        process.wait()


def _how(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"
