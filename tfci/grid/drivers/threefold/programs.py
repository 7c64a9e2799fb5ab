"""The grid's own programs, run: in a folder that nobody else reads, for a bounded time, in a clean environment."""

import mmap
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import IO

from tfci.grid.ports import GridError
from tfci.grid.reasons import ProgramMissing, ProgramOutdated, ProgramUndated

# Nodes reckon a light network's hash otherwise from then on (threefoldtech/zosbase, d32dcb7e).
SINCE = date(2025, 9, 10)
TAIL = 65_536  # bytes of what a program wrote that are read
COLOR = re.compile(r"\x1b\[[0-9;]*m")  # they write it without a terminal, too
BUILT = re.compile(rb"vcs\.time=(\d{4})-(\d\d)-(\d\d)T")  # Go writes the day of its source into a program


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """How a run ended. `code`: None where it was killed for its time. Output is without colors."""

    code: int | None
    stdout: str
    stderr: str

    @property
    def error_message(self) -> str:
        """The message of a fatal error, without its time and level; else a list's last error; else the last line."""
        lines = [line for line in self.stderr.splitlines() if line.strip()]
        fatal = [line.partition(" FTL ")[2] for line in lines if " FTL " in line]
        listed = [line.strip()[2:] for line in self.stdout.splitlines() if line.strip().startswith("* ")]
        message = (fatal or listed or lines or [""])[-1].strip()
        return message.removeprefix("error=").strip('"')


@contextmanager
def folder() -> Iterator[Path]:
    """For files with secrets: 0700, and gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="farmhand-") as name:
        yield Path(name)


def write(path: Path, text: str) -> Path:
    """A new file that only we read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    return path


def run(command: Sequence[str], home: Path, environment: Mapping[str, str], seconds: float) -> ProgramResult:
    """Run a program to its end, or for `seconds`: then it is killed with all that it started."""
    clean = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), **environment}
    with open(home / "stdout", "w+b") as stdout, open(home / "stderr", "w+b") as stderr:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=clean,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        return ProgramResult(code, _tail(stdout), _tail(stderr))


def _tail(file: IO[bytes]) -> str:
    file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
    return COLOR.sub("", file.read().decode(errors="replace"))


def installed(name: str, configured: str) -> bool:
    return bool(shutil.which(configured or name))


def locate(name: str, configured: str) -> str:
    """The program's path: as configured, else by PATH. Raises GridError where it is missing, or too old for
    today's nodes."""
    path = shutil.which(configured or name)
    if not path:
        raise GridError(ProgramMissing(configured or name))
    status = Path(path).stat()
    day = _built(path, status.st_mtime_ns, status.st_size)
    if day is None:
        raise GridError(ProgramUndated(path))
    if day < SINCE:
        raise GridError(ProgramOutdated(path, str(day), str(SINCE)))
    return path


@lru_cache(maxsize=8)
def _built(path: str, _changed: int, size: int) -> date | None:
    """The day of its source, which Go wrote into it."""
    if not size:
        return None
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        day = BUILT.search(text)
        return date(*map(int, day.groups())) if day else None
