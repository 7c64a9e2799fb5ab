"""Machines of the simulated grid: a machine is a program on this host. It isolates nothing."""

import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from practice.grid import folders
from practice.grid.bodies import Body

REFRESH = 75  # what an agent ends with whose machine is to begin anew


class Programs:
    """Each runs the same command, in a session and with a home of its own."""

    about = "programs on this computer, which isolate nothing"
    at_once = sys.maxsize

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)

    def port(self, taken: Collection[int]) -> int:
        """There is nothing of its own to sign in to."""
        return 0

    def addresses(self, body: Body) -> Mapping[str, str]:
        return {"ip": "127.0.0.1"}

    def start(self, body: Body, folder: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """With an empty home where it was refreshed."""
        if body.refreshes:
            folders.remove(folder)
            folder.mkdir(mode=0o700)
        with open(folder / "console.log", "ab") as console:
            return subprocess.Popen(
                self._command,
                cwd=folder,
                env=_of_the_image() | dict(environment) | {"HOME": str(folder)},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )

    def is_up(self, folder: Path) -> bool:
        """A program is there as soon as it was started."""
        return True

    def reboots(self, folder: Path, code: int | None) -> bool:
        """By its exit code, which only that process of the grid gets to know that has started it."""
        return code == REFRESH

    def end_reason(self, folder: Path) -> str:
        return "its program ended"

    def tend(self, folders: Collection[Path]) -> None:
        """Nothing grows here that the grid has to hold down."""


def _of_the_image() -> dict[str, str]:
    """Of our own environment no more than a machine's image would have."""
    return {key: os.environ[key] for key in ("PATH", "FARMHAND_ENGINES") if key in os.environ}
