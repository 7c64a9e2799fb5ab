"""The world, served on a port of its own for as long as a module of tests looks at it, and a browser to look with."""

import contextlib
import functools
from dataclasses import dataclass, replace
from functools import cached_property

import pytest
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection as database, connections as databases, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from runners import gateways
from tests.house import WORD
from tests.idle import until_idle
from tests.rights_rows import pages
from tests.screens.world import World, kestrel_labs
from tests.worlds import FakeForge, a_world

BROWSER = {
    "ip": "203.0.113.7",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}
LOG = """\
2026-11-24T08:23:52.1Z ##[group]Run cargo test --workspace
2026-11-24T08:24:40.8Z test wing::lift::holds_at_low_speed ... ok
2026-11-24T08:24:41.2Z test wing::lift::stalls_late ... ok
2026-11-24T08:24:41.9Z test result: ok. 212 passed; 0 failed; 3 ignored
"""
# Pages that show more to who asks for more, by the name of their pictures
ASKED = {
    "nodes_compare-four": "/t/TEAM/nodes/compare/?node=61&node=83&node=102&node=15&size=medium",
    "nodes-filtered": "/t/TEAM/nodes/?country=Belgium&sort=record&fits=true",
    "nodes-none": "/t/TEAM/nodes/?min_ram=90000",
    "pool_dry_run-asked": "/t/TEAM/pools/POOL/dry-run/?jobs=30&size=large",
}
# Hints need the other front door, which no test of looks is about: a stream that is open and says nothing.
STREAM = """\
window.EventSource = class extends EventTarget {
  constructor() { super(); setTimeout(() => this.onopen?.(new Event("open"))); }
  close() {}
};
"""
# Parts that come by themselves, each in place of what asks for it
COMING = '[hx-trigger="load"], .htmx-request'


class Forge(FakeForge):
    """Has a log of every job."""

    def log(self, repository, run_id, job_id):
        return LOG


@dataclass
class Visit:
    """One page as one person sees it. `client` is a browser without a browser, `cookies` are those of a real one."""

    name: str
    path: str
    client: Client
    cookies: dict

    @cached_property
    def answer(self):
        """Rolled back at once: what it locked or made would hold up the browser. Its `queries` are their SQL."""
        with transaction.atomic():
            with CaptureQueriesContext(database) as said:
                answer = self.client.get(self.path)
            transaction.set_rollback(True)
        answer.queries = [query["sql"] for query in said]
        return answer

    @property
    def is_page(self):
        """Not a part of a page, nor a file to keep."""
        html = self.answer.headers.get("Content-Type", "").startswith("text/html")
        if not html:
            self.answer.getvalue()  # of a stream: that ends it
        return html and "</html>" in self.answer.text


@dataclass
class Served:
    """`full` has all that a team can have, `empty` is a team that was founded a moment ago."""

    url: str
    full: World
    empty: World
    paths: dict
    clients: dict

    def visits(self, address, person):
        """A Visit to each page behind an address of tests/rights.py; what is no whole page is left out."""
        for team, name, path in self.paths[address]:
            visit = Visit(f"{name}.{team}", path, *self.clients[self.who(team, person)])
            if visit.is_page:
                yield visit

    def asked(self, name):
        """A Visit to one of ASKED, by the owner."""
        path = self.full.fill(ASKED[name])
        return Visit(f"{name}.full", path, *self.clients[self.full.owner])

    def who(self, team, person):
        """The owner of that team, the operator, or None."""
        if person == "owner":
            return getattr(self, team).owner
        return self.full.operator if person == "operator" else None


def _paths(full, empty):
    """By address of tests/rights.py: (team, name, path) of each page behind it. Makes the rows that it speaks of."""
    found = {}
    for address, _ in pages():
        both = WORD.findall(address) == ["TEAM"]
        teams = {"full": full, "empty": empty} if both else {"full": full}
        found[address] = [(team, *page) for team, world in teams.items() for page in world.visits(address)]
    return found


def _client(user):
    """Signed in, and here before: what a session notes now and then is noted."""
    client = Client()
    if user:
        client.force_login(user)
        UserSession.objects.create(user=user, session_key=client.session.session_key, **BROWSER)
        client.get("/", follow=True)
    return client


@pytest.fixture(scope="module")
def served(django_db_setup, django_db_blocker):
    """For tests marked django_db. Made before their transactions begin, so that the server finds it."""
    world = replace(a_world()[0], forge=lambda connection: Forge())
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateways, "GATEWAYS", world)
        cache.clear()
        full, server = kestrel_labs(timezone.now()), LiveServer("127.0.0.1")
        empty, people = full.empty(), [full.owner, full.newcomer, full.operator, None]
        clients = {user: (_client(user), _client(user).cookies) for user in people}
        yield Served(server.url, full, empty, _paths(full, empty), clients)
        server.stop()
        until_idle()
        databases.close_all()
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(scope="module")
def browser_of(served, chromium):
    """browser_of(client): a browser that is signed in as the test client is, the same for all that it looks at."""

    @functools.cache
    def signed_in(*cookies):
        context = chromium.new_context()
        context.add_cookies([{"name": name, "value": value, "url": served.url} for name, value in cookies])
        context.add_init_script(STREAM)
        return context

    return lambda client: signed_in(*((c.key, c.value) for c in client.cookies.values()))


@pytest.fixture
def window(served, browser_of):
    """window(visit, size): the page in a window of its own, with what it did wrong as `mistakes` and where else it
    went as `abroad`."""
    with contextlib.ExitStack() as opened:

        def open_window(visit, size):
            page = opened.enter_context(browser_of(visit.client).new_page())
            page.set_viewport_size(size)
            page.mistakes, page.abroad = [], []
            page.on("pageerror", lambda error: page.mistakes.append(str(error)))
            page.on("console", lambda said: said.type == "error" and page.mistakes.append(said.text))
            page.on("request", lambda asked: _at_home(asked.url, served) or page.abroad.append(asked.url))
            page.goto(served.url + visit.path)
            expect(page.locator(COMING)).to_have_count(0, timeout=30_000)
            page.evaluate("document.fonts.ready.then(() => null)")
            return page

        yield open_window


def _at_home(url, served):
    return url.startswith((f"{served.url}/", "data:", "blob:"))
