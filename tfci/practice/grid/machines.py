"""A machine: a real process in a session of its own, that outlives the grid's process and is found again."""

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tfci.practice.grid import processes


@dataclass
class Body:
    """What runs for a contract. Before its first start it has no pid; a stillborn one never starts."""

    contract_id: int
    name: str
    node_id: int
    pid: int = 0
    ticks: int = 0
    dead: bool = False
    stillborn: bool = False
    paused: bool = False


class Machines:
    """The bodies of all standing contracts. What they are is changed by events, what they do by calls."""

    def __init__(
        self, home: Path, command: Sequence[str], lock: threading.RLock, record: Callable[..., None]
    ) -> None:
        self.bodies: dict[int, Body] = {}
        self._home = home
        self._command = list(command)
        self._lock = lock
        self._record = record
        self._children: dict[int, subprocess.Popen] = {}
        self._dark: set[int] = set()  # nodes that went down
        home.mkdir(mode=0o700, exist_ok=True)

    def folder(self, name: str, contract_id: int) -> Path:
        """The machine's HOME, its own for its whole life."""
        return self._home / f"{name}-{contract_id}"

    def apply(self, event: dict) -> None:
        match event:
            case {"event": "deployed", "contract_id": contract_id, "name": name, "node_id": node_id}:
                self.bodies[contract_id] = Body(contract_id, name, node_id)
            case {"event": "started", "contract_id": contract_id, "pid": pid, "ticks": ticks}:
                body = self.bodies[contract_id]
                body.pid, body.ticks, body.dead = pid, ticks, False
            case {"event": "exited", "contract_id": contract_id}:
                self.bodies[contract_id].dead = True
            case {"event": "stillborn", "contract_id": contract_id}:
                self.bodies[contract_id].stillborn = True
            case {"event": "node", "node_id": node_id, "up": up}:
                self._dark = self._dark - {node_id} if up else self._dark | {node_id}
            case {"event": "paused" | "resumed" as kind, "contract_id": contract_id}:
                self.bodies[contract_id].paused = kind == "paused"
            case {"event": "ended", "contract_id": contract_id}:
                self.bodies.pop(contract_id)

    def running(self, contract_id: int) -> bool:
        """As the grid sees it: a machine that boots, or never will, counts as running."""
        body = self.bodies.get(contract_id)
        return body is not None and not body.dead and body.node_id not in self._dark

    def keep(self, name: str, contract_id: int, environment: Mapping[str, str]) -> None:
        """Put the order where a later start finds it, also one by the grid's next process."""
        path = self._order(self.folder(name, contract_id))
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(dict(environment), file)

    def boot(self, contract_id: int, delay: float) -> None:
        """Start it after this many seconds."""
        _later(delay, self._start, contract_id)

    def kill_later(self, contract_id: int, delay: float) -> None:
        _later(delay, self.kill, [contract_id])

    def kill(self, contract_ids: Collection[int]) -> None:
        """Their processes die; the contracts stand."""
        with self._lock:
            bodies = [self.bodies[key] for key in contract_ids if key in self.bodies]
        processes.end([self.folder(body.name, body.contract_id) for body in bodies])
        self.watch()

    def pause(self, name: str, contract_id: int) -> None:
        processes.tell([self.folder(name, contract_id)], signal.SIGSTOP)

    def resume(self, name: str, contract_id: int) -> None:
        processes.tell([self.folder(name, contract_id)], signal.SIGCONT)

    def remove(self, folders: Collection[Path], grace: float = 0.0) -> None:
        """Nothing of these machines is left: no process, no file."""
        processes.end(folders, grace)
        for folder in folders:
            self._order(folder).unlink(missing_ok=True)
            if folder.exists():
                _unlock(folder)
                shutil.rmtree(folder)
            child = self._children.pop(int(folder.name.rpartition("-")[2]), None)
            if child:
                child.wait()

    def watch(self) -> None:
        """Notice who has died; what it left running dies with it."""
        with self._lock:
            awake = [body for body in self.bodies.values() if body.pid and not body.dead]
            gone = [body for body in awake if not self._lives(body)]
            for body in gone:
                self._record("exited", contract_id=body.contract_id, name=body.name)
            processes.end([self.folder(body.name, body.contract_id) for body in gone])

    def adopt(self, delay: float) -> None:
        """After a restart: clear what has no contract any more, start what never started, keep the rest."""
        standing = {self.folder(body.name, body.contract_id) for body in self.bodies.values()}
        found = {path.with_suffix("") for path in self._home.iterdir()}
        if strays := found - standing:
            self.remove(strays)
        unborn = [body for body in self.bodies.values() if not body.pid]
        processes.end([self.folder(body.name, body.contract_id) for body in unborn])
        for body in unborn:
            self.boot(body.contract_id, delay)

    def _start(self, contract_id: int) -> None:
        with self._lock:
            body = self.bodies.get(contract_id)
            if body is None or not self._may_start(body):
                return
            folder = self.folder(body.name, contract_id)
            self._children[contract_id] = child = self._spawn(folder)
            ticks = processes.read(child.pid).started
            self._record("started", contract_id=contract_id, name=body.name, pid=child.pid, ticks=ticks)
            if body.paused:
                self.pause(body.name, contract_id)

    def _may_start(self, body: Body) -> bool:
        asleep = body.dead or not body.pid
        return asleep and not body.stillborn and body.node_id not in self._dark

    def _spawn(self, folder: Path) -> subprocess.Popen:
        folder.mkdir(mode=0o700, exist_ok=True)
        with open(folder / "console.log", "ab") as console:
            return subprocess.Popen(
                self._command,
                cwd=folder,
                env=self._environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )

    def _environment(self, folder: Path) -> dict[str, str]:
        """The order's, and of our own no more than the machine's image would have."""
        shared = {key: os.environ[key] for key in ("PATH", "FARMHAND_ENGINES") if key in os.environ}
        return {**shared, **json.loads(self._order(folder).read_text()), "HOME": str(folder)}

    def _lives(self, body: Body) -> bool:
        child = self._children.get(body.contract_id)
        if child:
            child.poll()  # so that it doesn't stay a zombie
        return processes.alive(body.pid, body.ticks)

    def _order(self, folder: Path) -> Path:
        return folder.with_suffix(".order")


def _later(delay: float, act: Callable, argument: object) -> None:
    timer = threading.Timer(delay, act, [argument])
    timer.daemon = True
    timer.start()


def _unlock(folder: Path) -> None:
    """A job may have taken away its own right to delete."""
    for root, folders, _ in os.walk(folder):
        for name in folders:
            path = Path(root, name)
            if not path.is_symlink():
                path.chmod(0o700)
