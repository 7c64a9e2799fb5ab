"""Texts from forges, bounded to what rows and pages have room for.

Whoever runs a forge, or may push to it, chooses names, labels, branches and titles. The facts of facts.py clean theirs
here as they are made: by webhook, by poll, or read back from a kept delivery. A text is cut, and loses what PostgreSQL
refuses: null characters, and halves of surrogate pairs.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

LONG, LINK, NAME, SHORT, WORD = 300, 600, 200, 64, 30  # characters
SENTENCE = 1000
HANDLE = 4000
LABELS = 100  # of one job
STEPS = 100  # that are kept of a job
MAX_ATTEMPTS = 2**31 - 2  # registry.attempt() may count one more, and columns hold no more than that
REFUSED = re.compile("[\x00\ud800-\udfff]")


def clean(text: str, room: int) -> str:
    return REFUSED.sub("", text)[:room]


def cleaned(texts: Iterable[str], limit: int) -> tuple[str, ...]:
    """The first few of a list."""
    return tuple(clean(text, LONG) for text, _ in zip(texts, range(limit), strict=False))


def link(address: str) -> str:
    """An address that a page may link to, or ""."""
    fits = address.startswith(("https://", "http://")) and len(address) <= LINK
    return clean(address, LINK) if fits else ""


def bound(fact: object, rooms: Mapping[str, int], **others: Any) -> None:
    """From a frozen fact's __post_init__: clean its texts, and put these in the place of other fields."""
    texts = {name: clean(text, room) for name, room in rooms.items() if (text := getattr(fact, name))}
    for name, value in (texts | others).items():
        object.__setattr__(fact, name, value)
