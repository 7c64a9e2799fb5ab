"""The operating system's processes of a machine: found, paused and ended, whatever they did to hide."""

import os
import signal
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")  # in a second


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    session: int
    started: int  # ticks since the host's boot: with the pid it names a process for good
    terminal: bool
    zombie: bool


def read(pid: int) -> Process | None:
    """The process with this pid, or None."""
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text[text.rindex(")") + 2 :].split()
    return Process(
        pid,
        parent=int(fields[1]),
        session=int(fields[3]),
        started=int(fields[19]),
        terminal=fields[4] != "0",
        zombie=fields[0] in "ZX",
    )


def alive(pid: int, started: int) -> bool:
    """Whether this very process still runs; another one with the same pid doesn't count."""
    found = read(pid)
    return found is not None and found.started == started and not found.zombie


def age(started: int) -> float:
    """Seconds since the tick of a process's start."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started / TICKS


def pids_of(folders: Collection[Path]) -> list[int]:
    """Pids of all that belongs to the machines in these folders.

    That is: whoever has its home or working directory there, whoever shares a session with one of
    these, and all their children. A process at a terminal is a person looking in, not the machine.
    """
    if not folders:
        return []
    names = {os.fsencode(folder) for folder in folders}
    everyone = [process for process in _all() if not process.zombie and process.pid != os.getpid()]
    found = {process.pid for process in everyone if not process.terminal and _lives_in(names, process.pid)}
    sessions = {process.session for process in everyone if process.pid in found} - {os.getsid(0)}
    found |= {process.pid for process in everyone if process.session in sessions}
    while more := {process.pid for process in everyone if process.parent in found} - found:
        found |= more
    return sorted(found)


def send_signal(folders: Collection[Path], number: signal.Signals) -> int:
    """Send a signal to all processes of these machines; returns how many there were."""
    pids = pids_of(folders)
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
    return len(pids)


def end(folders: Collection[Path], grace: float = 0.0) -> None:
    """No process of these machines is left after this; they get `grace` seconds to go by themselves."""
    if grace and send_signal(folders, signal.SIGTERM):
        until = time.monotonic() + grace
        while time.monotonic() < until and pids_of(folders):
            time.sleep(0.05)
    for _ in range(200):
        if not send_signal(folders, signal.SIGKILL):
            return
        time.sleep(0.01)
    raise RuntimeError("processes don't end: " + ", ".join(folder.name for folder in folders))


def _all() -> list[Process]:
    pids = (int(entry) for entry in os.listdir(PROC) if entry.isdigit())
    return [process for process in map(read, pids) if process]


def _lives_in(folders: set[bytes], pid: int) -> bool:
    try:
        environment = (PROC / str(pid) / "environ").read_bytes().split(b"\0")
        places = [os.fsencode(os.readlink(PROC / str(pid) / "cwd"))]
    except OSError:
        return False
    places += [entry[5:] for entry in environment if entry.startswith(b"HOME=")]
    return any(place == folder or place.startswith(folder + b"/") for place in places for folder in folders)
