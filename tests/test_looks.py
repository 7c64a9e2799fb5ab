"""Every page, once: light, strict, and with what a reader needs; in a browser accessible in both themes, at home on a
phone, without a mistake and without a visit to anybody else. The list of pages is tests/rights.py."""

import functools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from tests.browser import accessibility, chromium, sideways
from tests.rights_rows import pages
from tests.screens.served import browser_of, served, window
from tests.wording import prose, stilted

__all__ = ["browser_of", "chromium", "served", "window"]
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("looks")]  # which one world serves

KB = 1000
FIRST, SOME = 1, ("first", "all")
HTML, ASSETS, QUERIES = 100 * KB, 200 * KB, 12
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
COLORS = ("color-contrast", "link-in-text-block")  # axe's rules that look at them
BOOKKEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT")
IMPORT = re.compile(r'^import .*?"(.+?)";', re.MULTILINE)
each_page = pytest.mark.parametrize("address, person", pages())


class Page(HTMLParser):
    """What stands in the head and first in the body."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.assets, self.inline = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        self.tags.append((tag, said))
        self.inline += [f"{tag} {name}" for name in said if name == "style" or name.startswith("on")]
        if tag == "script" and "src" in said:
            self.assets.append(said["src"])
        if tag == "link" and said.get("rel") in ("stylesheet", "modulepreload"):
            self.assets.append(said["href"])

    def count(self, tag):
        return sum(found == tag for found, _ in self.tags)

    def first(self, tag):
        return next((said for found, said in self.tags if found == tag), {})


@each_page
def test_a_page_is_light_and_strict(address, person, served):
    for visit in served.visits(address, person):
        assert visit.answer.status_code == 200, visit.path
        check_that_it_is_light_and_strict(visit)


def check_that_it_is_light_and_strict(visit, queries=QUERIES):
    answer, page = visit.answer, Page(visit.answer.text)
    assert len(answer.content) < HTML, visit.path
    asked = queries_of(answer)
    if len(asked) > queries:  # what pages remember for seconds may just have run out
        asked = queries_of(replace(visit).answer)
    assert len(asked) <= queries, "\n".join([visit.path, *(sql[:160] for sql in asked)])
    assert weight(tuple(page.assets)) < ASSETS, visit.path
    assert page.first("html").get("lang") == "en", visit.path
    assert (page.count("title"), page.count("h1")) == (1, 1), visit.path
    assert page.first("a").get("href") == "#main", f"{visit.path}: the first link skips to what matters"
    assert page.inline == [], visit.path
    assert is_strict(answer["Content-Security-Policy"]), visit.path
    assert stilted(prose(answer.text)) == [], visit.path


def queries_of(answer):
    return [sql for sql in answer.queries if not sql.startswith(BOOKKEEPING)]


def is_strict(policy):
    """Nothing but ourselves, and scripts with this answer's nonce."""
    return (
        "default-src 'none'" in policy
        and "unsafe" not in policy
        and not re.search(r"(script|style|connect|font|img)-src [^;]*(\*|https?:)", policy)
    )


def weight(assets):
    """Bytes of scripts and styles with all that they import, compressed as they are served."""
    return sum(_compressed(path) for path in with_imports(assets))


def with_imports(assets):
    found, ahead = set(), [asset.removeprefix(settings.STATIC_URL) for asset in assets]
    while ahead:
        path = ahead.pop()
        if path not in found:
            found.add(path)
            ahead += [str(Path(path).parent / name) for name in IMPORT.findall(_source(path).decode())]
    return found


@functools.cache
def _source(path):
    return Path(finders.find(path)).read_bytes()


@functools.cache
def _compressed(path):
    return len(brotli.compress(_source(path)))


@pytest.mark.e2e
@each_page
@pytest.mark.parametrize("rows", [slice(FIRST), pytest.param(slice(None), marks=pytest.mark.proof)], ids=SOME)
def test_a_page_is_for_everybody_and_at_home_on_a_phone(address, person, rows, served, window):
    """One visit of each page, with all that a team can have; `make proof` looks at all rows and at the empty team."""
    for visit in list(served.visits(address, person))[rows]:
        page = window(visit, WIDE)
        check_that_it_is_for_everybody(page, visit.path)
        assert (page.mistakes, page.abroad) == ([], []), visit.path
        page.close()


def check_that_it_is_for_everybody(page, path):
    """In both themes, which differ in their colors alone, and as narrow as a phone."""
    for theme, rules in (("light", ()), ("dark", COLORS)):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert accessibility(page, rules) == "", f"{path} {theme}"
    assert stuck(page) == [], f"{path}: what one can’t ask for without filling in"
    page.set_viewport_size(PHONE)
    assert sideways(page) <= 0, path


def stuck(page):
    """Inputs by which a browser refuses to send a search as it stands, htmx or not."""
    return page.evaluate("""[...document.forms].filter(form => form.method === "get")
        .flatMap(form => [...form.elements]).filter(input => !input.checkValidity()).map(input => input.name)""")
