"""Old and new texts of files -> a patch that `git apply` takes, and its lines for a page. Pure."""

import difflib
from collections.abc import Iterable
from typing import NamedTuple

CONTEXT = 3
UNENDED = "\\ No newline at end of file\n"


class Change(NamedTuple):
    path: str
    old: str
    new: str


def patch(changes: Iterable[Change]) -> str:
    """Nothing for a file that stays as it is."""
    return "".join(line for change in changes for line in lines(change))


def lines(change: Change) -> list[str]:
    """Each with its end; the first two name the file."""
    found = difflib.unified_diff(
        _split(change.old), _split(change.new), f"a/{change.path}", f"b/{change.path}", n=CONTEXT
    )
    return [ended for line in found for ended in _ended(line)]


def _split(text: str) -> list[str]:
    """At \\n alone, as git does."""
    parts = [f"{line}\n" for line in text.split("\n")]
    return [*parts[:-1], parts[-1][:-1]] if parts[-1] != "\n" else parts[:-1]


def _ended(line: str) -> list[str]:
    return [line] if line.endswith("\n") else [f"{line}\n", UNENDED]
