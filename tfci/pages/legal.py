"""The operator's own terms and privacy policy: Markdown files in the folder that FARMHAND_LEGAL names."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from tfci.pages import markdown

NAMES = ("terms", "privacy")
LARGEST = 256 * 1024  # bytes
LINK = re.compile(r"https?://|mailto:|#|/")


def document(name: str) -> tuple[markdown.MarkdownPage, datetime] | None:
    """The page and when its file was changed; None where the operator provides none."""
    path = Path(settings.LEGAL) / f"{name}.md" if settings.LEGAL else None
    try:
        facts = path.stat() if path else None
    except OSError:
        return None
    if facts is None or facts.st_size > LARGEST:
        return None
    return _read(path, facts.st_mtime_ns), datetime.fromtimestamp(facts.st_mtime, UTC)


def provided() -> list[str]:
    """The names of those that there are."""
    return [name for name in NAMES if document(name)]


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> markdown.MarkdownPage:
    """Read again where the file has changed."""
    return markdown.read(path.read_text(errors="replace"), _address)


def _address(link: str) -> str | None:
    """Each file leads to the other's page; None for what a browser must not follow."""
    if link.removesuffix(".md") in NAMES:
        return reverse(link.removesuffix(".md"))
    return link if LINK.match(link) else None
