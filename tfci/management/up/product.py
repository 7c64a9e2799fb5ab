"""What the product consists of on one VM, and how each part is started."""

import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tfci.management.up import grid, postgres, valkey
from tfci.management.up.children import Child
from tfci.management.up.environment import environment
from tfci.management.up.home import Home
from tfci.management.up.leash import leashed
from tfci.management.up.processes import ASKED_FOR, COMMANDS, LISTENERS, MAILERS, ONE_SHOTS, OURS

SOURCE = Path(__file__).resolve().parents[3]
PROGRAMS = Path(sys.executable).parent


class OneShotFailed(Exception):
    """Names the log that says why."""


class Product:
    def __init__(self, home: Home, own: Mapping[str, str]) -> None:
        self.home = home
        self.environment = environment(home, own, grid.chosen(own))
        self.listen = self.environment["FARMHAND_LISTEN"]
        self.port = int(self.environment["FARMHAND_PORT"])
        self.data = home.folder / "postgres" / "data"

    def engines(self) -> list[Child]:
        return [
            self._child(
                "postgres", postgres.command(self.data, self.home.sockets), last_signal=signal.SIGINT
            ),
            self._child("valkey", valkey.command(self.home.sockets / "valkey")),
        ]

    def practice_world(self) -> list[Child]:
        """The practice forge and the grid of this computer, each with a folder and a port of its own."""
        options = {"forge": f"--home {shlex.quote(str(self.home.folder / 'forge'))}"}
        options["grid"] = grid.options(self.home, self.environment)
        ports = self.home.ports()
        return [self._child(name, _stranger(name, words, ports[name])) for name, words in options.items()]

    def processes(self) -> list[Child]:
        return [
            self._child(name, _program(command)) for name, command in COMMANDS.items() if self._wanted(name)
        ]

    def _wanted(self, name: str) -> bool:
        variable = ASKED_FOR.get(name)
        return variable is None or self.environment.get(variable, "0") not in ("", "0")

    def run_once(self, name: str) -> str:
        """Runs one of ONE_SHOTS and returns what it printed. Raises OneShotFailed."""
        log = self.home.logs / f"{name}.log"
        with open(log, "ab") as errors:
            done = subprocess.run(
                _program(ONE_SHOTS[name]),
                env=self.environment,
                cwd=SOURCE,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                timeout=300,
            )
        if done.returncode:
            raise OneShotFailed(f"“{name}” failed with code {done.returncode}. See {log}.")
        return done.stdout.decode()

    def _child(self, name: str, command: list[str], last_signal: int = signal.SIGTERM) -> Child:
        return Child(
            name,
            command,
            self.environment | ({"FARMHAND_PROCESS": name} if name in OURS else {}),
            self.home.logs / f"{name}.log",
            SOURCE,
            last_signal,
            self.home.sockets / name if name in LISTENERS else None,
            speaks=name in MAILERS,
        )


def _stranger(name: str, options: str, port: int) -> list[str]:
    return _program(f"python -m practice.{name} {options} --port {port}")


def _program(command: str) -> list[str]:
    """The command of the table, with the program from our own environment, and what it gets when we are killed.

    Celery would wait for its broker and its tasks, and the engines are gone in that instant: it is killed as well.
    """
    name, *words = shlex.split(command)
    return leashed([str(PROGRAMS / name), *words], "KILL" if name == "celery" else "TERM")
