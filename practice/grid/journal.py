"""What happened, once, in order, on disk: one JSON object a line."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHAIN = 1  # which rules its blocks follow


def begun(path: Path) -> dict[str, Any]:
    """The first event of a journal, which says what it is of; {} where there is none yet."""
    if not path.exists():
        return {}
    with open(path) as lines:
        first = lines.readline()
    return json.loads(first) if first.endswith("\n") else {}


def set_aside_older(path: Path) -> None:
    """A journal without blocks can't be replayed: it is kept beside, and the grid begins again."""
    if path.exists() and begun(path).get("chain") != CHAIN:
        path.replace(path.with_suffix(".older.jsonl"))


class Journal:
    """An append-only file. What a crash tore off at its end is cut away when it is opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115 open for as long as we live
        self._file.truncate(path.read_bytes().rfind(b"\n") + 1)
        self._unsynced = False

    def read(self) -> Iterator[dict[str, Any]]:
        with open(self._path, "rb") as lines:
            for line in lines:
                yield json.loads(line)

    def append(self, event: dict[str, Any]) -> None:
        """Outlives this process; after sync() also the host's power."""
        self._file.write(json.dumps(event, separators=(",", ":")).encode() + b"\n")
        self._unsynced = True

    def sync(self) -> None:
        if self._unsynced:
            os.fsync(self._file.fileno())
            self._unsynced = False

    def close(self) -> None:
        self.sync()
        self._file.close()
