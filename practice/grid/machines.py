"""Machines: real ones, of either kind, that outlive the grid's process and are found again."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Protocol

from practice.grid import folders as homes, processes
from practice.grid.bodies import Body
from practice.grid.boots import BootQueue

RESTLESS = 0.2  # seconds: what comes again sooner than this after its start is broken, not refreshed


class Kind(Protocol):
    """What machines are made of. All that runs of one has its folder as its home, where processes.py finds it."""

    about: str  # what they are, in words
    at_once: int  # how many may come up at the same time

    def port(self, taken: Collection[int]) -> int:
        """A port of this host for a new machine's SSH server, none of these; 0 where it has none."""

    def addresses(self, body: Body) -> Mapping[str, str]:
        """Where it is reached from this host."""

    def start(self, body: Body, folder: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]: ...

    def is_up(self, folder: Path) -> bool:
        """Whether what was started has come up; then the next one may."""

    def reboots(self, folder: Path, code: int | None) -> bool:
        """Whether what ended there, with this exit code where we know it, wants to begin anew: a refresh. Then `start`
        comes next, and leaves nothing of before."""

    def end_reason(self, folder: Path) -> str:
        """Why it ended, in words."""

    def tend(self, folders: Collection[Path]) -> None:
        """Hold down what grows in the folders of those that run."""


class Machines:
    """The bodies of all standing contracts. What they are is changed by events, what they do by calls."""

    def __init__(self, home: Path, kind: Kind, lock: threading.RLock, record: Callable[..., None]) -> None:
        self.bodies: dict[int, Body] = {}
        self._home = home
        self._kind = kind
        self._boots = BootQueue(kind.at_once, self._start, self._settled)
        self._lock = lock
        self._record = record
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._nodes_down: set[int] = set()  # nodes that went down
        home.mkdir(mode=0o700, exist_ok=True)

    def folder(self, name: str, contract_id: int) -> Path:
        """The machine's HOME, its own for its whole life."""
        return self._home / f"{name}-{contract_id}"

    def apply(self, event: dict[str, Any]) -> None:
        match event:
            case {"event": "deployed", "contract_id": contract_id}:
                size = {key: event[key] for key in ("cpu", "memory", "disk")} | {"port": event.get("port", 0)}
                self.bodies[contract_id] = Body(contract_id, event["name"], event["node_id"], **size)
            case {"event": "started", "contract_id": contract_id, "pid": pid, "ticks": ticks}:
                body = self.bodies[contract_id]
                body.pid, body.ticks, body.dead = pid, ticks, False
            case {"event": "exited", "contract_id": contract_id}:
                self.bodies[contract_id].dead = True
            case {"event": "refreshed", "contract_id": contract_id}:
                self.bodies[contract_id].pid = 0
                self.bodies[contract_id].refreshes += 1
            case {"event": "stillborn", "contract_id": contract_id}:
                self.bodies[contract_id].stillborn = True
            case {"event": "node", "node_id": node_id, "up": up}:
                self._nodes_down = self._nodes_down - {node_id} if up else self._nodes_down | {node_id}
            case {"event": "paused" | "resumed" as kind, "contract_id": contract_id}:
                self.bodies[contract_id].paused = kind == "paused"
            case {"event": "ended", "contract_id": contract_id}:
                self.bodies.pop(contract_id)

    @property
    def about(self) -> str:
        """What they are, in words."""
        return self._kind.about

    def addresses(self, contract_id: int) -> Mapping[str, str]:
        """Where a machine is reached from this host."""
        return self._kind.addresses(self.bodies[contract_id])

    def port(self) -> int:
        """A port of this host for the SSH server of one more; 0 where these have none."""
        return self._kind.port({body.port for body in self.bodies.values()})

    def running(self, contract_id: int) -> bool:
        """As the grid sees it: a machine that boots, or never will, counts as running."""
        body = self.bodies.get(contract_id)
        return body is not None and not body.dead and body.node_id not in self._nodes_down

    def keep(self, name: str, contract_id: int, environment: Mapping[str, str]) -> None:
        """Put the order where a later start finds it, also one by the grid's next process."""
        path = self._order(self.folder(name, contract_id))
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(dict(environment), file)

    def boot(self, contract_id: int, delay: float) -> None:
        """Start it after this many seconds, and as soon as there is room for one more boot."""
        _later(delay, self._queue, contract_id)

    def kill_later(self, contract_id: int, delay: float) -> None:
        _later(delay, self.kill, [contract_id])

    def kill(self, contract_ids: Collection[int]) -> None:
        """Their processes die, and those that wait for their boot don't begin; the contracts stand."""
        with self._lock:
            bodies = [self.bodies[key] for key in contract_ids if key in self.bodies]
            for body in bodies:
                if self._boots.drop(body.contract_id):
                    about = {"contract_id": body.contract_id, "name": body.name}
                    self._record("exited", **about, why="it was ended before it began")
        processes.end([self._home_of(body) for body in bodies])
        self.watch()

    def pause(self, name: str, contract_id: int) -> None:
        processes.send_signal([self.folder(name, contract_id)], signal.SIGSTOP)

    def resume(self, name: str, contract_id: int) -> None:
        processes.send_signal([self.folder(name, contract_id)], signal.SIGCONT)

    def remove(self, folders: Collection[Path], grace: float = 0.0) -> None:
        """Nothing of these machines is left: no process, no file."""
        processes.end(folders, grace)
        for folder in folders:
            self._order(folder).unlink(missing_ok=True)
            homes.remove(folder)
            child = self._children.pop(int(folder.name.rpartition("-")[2]), None)
            if child:
                child.wait()

    def watch(self) -> None:
        """Notice machines that have ended and end what they left running. Let the next ones boot."""
        with self._lock:
            awake = [body for body in self.bodies.values() if body.pid and not body.dead]
            gone = [body for body in awake if not self._lives(body)]
            processes.end([self._home_of(body) for body in gone])
            for body in gone:
                self._handle_exit(body)
            self._boots.turn()
            running = [self._home_of(body) for body in awake if body not in gone]
        self._kind.tend(running)

    def adopt(self, delay: float) -> None:
        """After a restart: clear what has no contract any more, start what never started, keep the rest."""
        standing = {self._home_of(body) for body in self.bodies.values()}
        found = {path.with_suffix("") for path in self._home.iterdir()}
        if strays := found - standing:
            self.remove(strays)
        unborn = [body for body in self.bodies.values() if not body.pid]
        processes.end([self._home_of(body) for body in unborn])
        for body in unborn:
            self.boot(body.contract_id, delay)

    def _handle_exit(self, body: Body) -> None:
        """Record a reboot, or that the machine is dead."""
        about = {"contract_id": body.contract_id, "name": body.name}
        folder = self._home_of(body)
        child = self._children.get(body.contract_id)
        code = child.poll() if child else None
        if self._kind.reboots(folder, code) and processes.age(body.ticks) > RESTLESS:
            self._record("refreshed", **about)
            self.boot(body.contract_id, 0)
        else:
            self._record("exited", **about, why=self._kind.end_reason(folder))

    def _queue(self, contract_id: int) -> None:
        with self._lock:
            self._boots.queue(contract_id)

    def _settled(self, contract_id: int) -> bool:
        """Whether it has come up, or will not."""
        body = self.bodies.get(contract_id)
        return body is None or not self._lives(body) or self._kind.is_up(self._home_of(body))

    def _start(self, contract_id: int) -> bool:
        """Returns whether it started."""
        body = self.bodies.get(contract_id)
        if body is None or not self._may_start(body):
            return False
        about = {"contract_id": contract_id, "name": body.name}
        folder = self._home_of(body)
        folder.mkdir(mode=0o700, exist_ok=True)
        environment = json.loads(self._order(folder).read_text())
        try:
            self._children[contract_id] = child = self._kind.start(body, folder, environment)
        except (OSError, ValueError) as error:
            self._record("exited", **about, why=f"it could not be started: {error}")
            return False
        process = processes.read(child.pid)
        self._record("started", **about, pid=child.pid, ticks=process.started if process else 0)
        if body.paused:
            self.pause(body.name, contract_id)
        return True

    def _may_start(self, body: Body) -> bool:
        asleep = body.dead or not body.pid
        return asleep and not body.stillborn and body.node_id not in self._nodes_down

    def _lives(self, body: Body) -> bool:
        child = self._children.get(body.contract_id)
        if child:
            child.poll()  # so that it doesn't stay a zombie
        return processes.alive(body.pid, body.ticks)

    def _home_of(self, body: Body) -> Path:
        return self.folder(body.name, body.contract_id)

    def _order(self, folder: Path) -> Path:
        return folder.with_suffix(".order")


def _later(delay: float, act: Callable[[Any], None], argument: object) -> None:
    timer = threading.Timer(delay, act, [argument])
    timer.daemon = True
    timer.start()
