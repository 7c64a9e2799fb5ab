"""The manual: docs/ as pages in the order of its SUMMARY.md, read once."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from tfci.pages import api_reference, markdown, search

DOCS = settings.BASE_DIR / "docs"
SUMMARY = "SUMMARY.md"
PART = re.compile(r"## (.+)")
ENTRY = re.compile(r"- \[(.+?)\]\((.+?)\): (.+)")
PICTURES = {".png": "image/png", ".svg": "image/svg+xml"}
API = "api-reference"  # the page that tfci/pages/views/api_reference.py renders in its place
FOR_BUILDERS = ("design/", "decisions/")  # found by the search too, but after what is for users


@dataclass(frozen=True, slots=True)
class ManualPage:
    """A line of SUMMARY.md. `name` is the page's path without its ending: "pools", "design/layout"."""

    part: str
    title: str
    name: str
    about: str

    @property
    def url(self) -> str:
        return reverse("manual_page", args=[self.name])


@dataclass(frozen=True, slots=True)
class Manual:
    """`parts`: title -> its entries, as in the sidebar. `pages` by name, those that SUMMARY.md doesn't list too."""

    parts: dict[str, list[ManualPage]]
    pages: dict[str, markdown.MarkdownPage]
    index: search.SearchIndex = field(repr=False)

    @property
    def order(self) -> list[ManualPage]:
        return [entry for entries in self.parts.values() for entry in entries]

    def around(self, name: str) -> tuple[ManualPage | None, ManualPage | None]:
        """What comes before and after a page."""
        names = [entry.name for entry in self.order]
        if name not in names:
            return None, None
        n = names.index(name)
        return (self.order[n - 1] if n else None), (self.order[n + 1] if n + 1 < len(names) else None)


@lru_cache(maxsize=1)
def manual() -> Manual:
    """All of it; files don't change while a process lives."""
    entries = list(_entries((DOCS / SUMMARY).read_text()))
    files = sorted(path for path in DOCS.rglob("*.md") if path.name != SUMMARY)
    pages = {name_of(path.relative_to(DOCS)): _page(path) for path in files}
    parts: dict[str, list[ManualPage]] = {}
    for entry in entries:
        parts.setdefault(entry.part, []).append(entry)
    return Manual(parts, pages, search.SearchIndex(_places(pages)))


def _entries(summary: str) -> Iterator[ManualPage]:
    part = ""
    for line in summary.splitlines():
        if found := PART.fullmatch(line):
            part = found[1]
        elif found := ENTRY.fullmatch(line):
            yield ManualPage(part, found[1], name_of(Path(found[2])), found[3].replace("`", ""))


def name_of(path: Path) -> str:
    """pools.md is "pools", decisions/README.md is "decisions"."""
    return str(path.parent if path.name == "README.md" else path.with_suffix(""))


def _page(path: Path) -> markdown.MarkdownPage:
    folder = str(path.parent.relative_to(DOCS))
    return markdown.read(path.read_text(), lambda link: _leads(link, folder))


def _leads(link: str, folder: str) -> str | None:
    """Where a link of a page in that folder leads on the site."""
    if re.match(r"https?://", link) or link.startswith("#"):
        return link
    target, _, anchor = link.partition("#")
    target = posixpath.normpath(posixpath.join(folder, target))
    if not (DOCS / target).is_file() or target.startswith(".."):
        return None
    if target.endswith(".md"):
        url = reverse("manual_page", args=[name_of(Path(target))])
        return f"{url}#{anchor}" if anchor else url
    return reverse("manual_image", args=[Path(target).name])


def _places(pages: dict[str, markdown.MarkdownPage]) -> Iterator[search.PageSection]:
    for name, page in pages.items():
        url = reverse("manual_page", args=[name])
        for section in page.sections:
            where = url if section.level == 1 else f"{url}#{section.anchor}"
            yield search.PageSection(
                where, page.title, section.title, section.text, name.startswith(FOR_BUILDERS)
            )
    for title, url, text in api_reference.places():
        yield search.PageSection(url, pages[API].title, title, text)


def image(name: str) -> Path | None:
    """A picture of the manual by its file's name."""
    path = DOCS / "images" / Path(name).name
    return path if path.suffix in PICTURES and path.is_file() else None
