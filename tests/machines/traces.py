"""What a machine leaves to be found on this computer: in files, and in what its processes were started with."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from practice.grid import processes


def holders(what: bytes, folder: Path) -> list[Path]:
    """The files that have these bytes in them."""
    return [path for path in folder.rglob("*") if path.is_file() and what in written(path)]


def written(path: Path) -> bytes:
    """All of a file but its holes: a machine's disk is mostly one."""
    parts, end = [], 0
    with open(path, "rb") as file:
        while end < path.stat().st_size:
            try:
                start = os.lseek(file.fileno(), end, os.SEEK_DATA)
            except OSError:  # nothing but a hole to its end
                break
            end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            parts.append(os.pread(file.fileno(), end - start, start))
    return b"".join(parts)


def started_with(folder: Path) -> Iterator[bytes]:
    """The command line and the environment of each of its processes; one that has just ended has none."""
    for pid in processes.pids_of([folder]):
        for facts in ("cmdline", "environ"):
            with suppress(FileNotFoundError, ProcessLookupError):
                yield (processes.PROC / str(pid) / facts).read_bytes()
