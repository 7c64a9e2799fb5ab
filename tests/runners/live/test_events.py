"""The live pages' door: who may watch, what a page is told, and when its stream ends."""

import asyncio
import time

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError

from runners.live import change_log, events
from runners.live.change_feed import ALL, MAX_TOPICS, ChangeFeed
from runners.live.pg_listener import rows
from runners.models import Job
from tests.builders import a_connection, a_job, a_team
from tests.people import EVERYBODY, OF_THE_TEAM, client_of
from tfci.accounts.models import Membership, User

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 5  # seconds for what should come at once


@pytest.fixture(autouse=True)
def change_feed(monkeypatch):
    """A process in which nobody watches yet."""
    fresh = ChangeFeed()
    monkeypatch.setattr(events, "change_feed", fresh)
    return fresh


class Page:
    """One stream, as an ASGI server carries it. `async with` opens it and leaves it."""

    def __init__(self, client, slug, since=0.0, *, last="", method="GET"):
        morsel = client.cookies.get(settings.SESSION_COOKIE_NAME)
        cookie = f"{settings.SESSION_COOKIE_NAME}={morsel.value if morsel else ''}"
        headers = [(b"cookie", cookie.encode())] + ([(b"last-event-id", last.encode())] if last else [])
        query = f"since={since * 1000:.0f}".encode()
        self.scope = {"type": "http", "method": method, "path": f"/live/t/{slug}/", "query_string": query}
        self.scope["headers"] = headers
        self.status, self.text, self.over = None, "", False
        self.news, self.left = asyncio.Event(), asyncio.Event()

    async def __aenter__(self):
        self.task = asyncio.create_task(events.door(self.scope, self.receive, self.send))
        await self.until(lambda: self.status)
        return self

    async def __aexit__(self, *_):
        self.left.set()
        await asyncio.wait_for(self.task, PATIENCE)

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.status = message.get("status", self.status)
        self.text += message.get("body", b"").decode()
        if message["type"] == "http.response.body" and not message["more_body"]:
            self.over = True
            self.left.set()  # a server ends the connection with the answer
        self.news.set()

    async def until(self, come):
        async with asyncio.timeout(PATIENCE):
            while not come():
                await self.news.wait()
                self.news.clear()

    def told(self):
        """The topics so far, in the order in which they came."""
        return [
            topic for line in self.text.split("\n") if line.startswith("data: ") for topic in line[6:].split()
        ]

    async def tells(self, topic):
        await self.until(lambda: topic in self.told())


def visit(client, slug, **options):
    """The stream's status, and what is said where there is none."""

    async def go():
        async with Page(client, slug, **options) as page:
            return page.status, page.text

    return asyncio.run(go())


@pytest.mark.parametrize("person", EVERYBODY)
def test_who_may_watch_a_team(person):
    team = a_team()
    status, _ = visit(client_of(person, team), team.slug)
    assert status == {"nobody": 403, **dict.fromkeys(OF_THE_TEAM, 200)}.get(person, 404)


def test_a_team_that_asks_for_two_factors_is_watched_only_with_them():
    team = a_team(needs_two_factors=True)
    client = client_of("owner", team)
    assert visit(client, team.slug)[0] == 403
    Authenticator.objects.create(user=client.user, type=Authenticator.Type.TOTP, data={})
    assert visit(client, team.slug)[0] == 200


def test_a_team_that_is_not_there_is_answered_as_one_of_others():
    client = client_of("stranger", a_team("There"))
    assert visit(client, "there") == visit(client, "not-there")


def test_only_a_get_is_answered():
    team = a_team()
    assert visit(client_of("owner", team), team.slug, method="POST")[0] == 404


@pytest.mark.parametrize(
    "end",
    [
        lambda user: Session.objects.all().delete(),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: User.objects.filter(pk=user.pk).update(password="changed elsewhere"),  # noqa: S106
    ],
    ids=["signed out", "shut out", "new password"],
)
def test_a_session_that_has_ended_opens_nothing(end):
    team = a_team()
    client = client_of("owner", team)
    end(client.user)
    assert visit(client, team.slug)[0] == 403


def test_a_page_is_told_what_changed_of_its_team_and_of_no_other():
    connection, other = a_connection(), a_connection()
    client = client_of("viewer", connection.team)

    async def watch():
        async with Page(client, connection.team.slug) as page:
            await page.tells(ALL)
            job = await rows(a_job, connection)
            await rows(a_job, other)
            await page.tells(f"job:{job.pk}")
            await rows(Job.objects.filter(connection=connection).update, state="completed")
            await page.until(lambda: page.told().count("jobs") == 2)
            return page.told(), job

    told, job = asyncio.run(watch())
    assert set(told) == {ALL, "jobs", f"job:{job.pk}"}


def test_a_page_that_is_new_is_told_nothing_and_one_that_is_older_than_a_change_is_told_to_ask():
    connection = a_connection()
    client = client_of("viewer", connection.team)

    async def watch():
        async with Page(client, connection.team.slug) as first:
            await first.tells(ALL)
            await rows(a_job, connection)
            await first.tells("jobs")
            soon = time.time() + 10
            async with (
                Page(client, connection.team.slug, since=soon) as new,
                Page(client, connection.team.slug, since=1) as old,
            ):
                await old.tells(ALL)
                await rows(a_job, connection)
                await new.tells("jobs")
                return new.told()

    assert ALL not in asyncio.run(watch())


def test_a_browser_that_comes_back_is_told_by_its_last_event_whether_it_missed_something():
    connection = a_connection()
    client = client_of("viewer", connection.team)

    async def watch():
        async with Page(client, connection.team.slug) as first:
            await first.tells(ALL)
            last = f"{(time.time() + 10) * 1000:.0f}"
            async with Page(client, connection.team.slug, since=1, last=last) as back:
                await rows(a_job, connection)
                await back.tells("jobs")
                return back.told()

    assert ALL not in asyncio.run(watch())


def test_a_silent_stream_says_that_it_is_there(monkeypatch):
    monkeypatch.setattr(events, "PULSE", 0.05)
    team = a_team()
    client = client_of("viewer", team)

    async def watch():
        async with Page(client, team.slug) as page:
            await page.until(lambda: "event: pulse" in page.text)

    asyncio.run(watch())


@pytest.mark.parametrize("what", [Session, Membership], ids=["session", "membership"])
def test_a_stream_ends_when_the_session_or_the_membership_has_ended(what, monkeypatch):
    monkeypatch.setattr(events, "PULSE", 0.05)
    monkeypatch.setattr(events, "RECHECK", 0.1)
    team = a_team()
    client = client_of("member", team)

    async def watch():
        async with Page(client, team.slug) as page:
            await page.until(lambda: "event: pulse" in page.text)
            assert not page.over
            await rows(what.objects.all().delete)
            await page.until(lambda: page.over)

    asyncio.run(watch())


def test_streams_end_when_hints_cannot_be_read(monkeypatch):
    team = a_team()
    client = client_of("member", team)

    def blind(_):
        raise DatabaseError

    async def watch():
        async with Page(client, team.slug) as page:
            await page.tells(ALL)
            monkeypatch.setattr(change_log, "read", blind)
            await page.until(lambda: page.over)

    asyncio.run(watch())


def test_one_person_may_not_fill_the_process(monkeypatch):
    monkeypatch.setattr(events, "MAX_PAGES", 2)
    team = a_team()
    client = client_of("member", team)

    async def watch():
        async with Page(client, team.slug), Page(client, team.slug), Page(client, team.slug) as third:
            assert third.status == 429
        async with Page(client, team.slug) as again:
            assert again.status == 200

    asyncio.run(watch())


def test_a_storm_is_told_in_one_word():
    connection = a_connection()
    client = client_of("viewer", connection.team)

    async def watch(change_feed):
        async with Page(client, connection.team.slug) as page:
            await page.tells(ALL)
            [watcher] = change_feed.watchers[connection.team_id]
            watcher.notify({f"job:{n}" for n in range(MAX_TOPICS + 1)})
            await page.until(lambda: page.told().count(ALL) == 2)
            return page.told()

    assert asyncio.run(watch(events.change_feed)) == [ALL, ALL]


def test_nothing_is_kept_of_a_page_that_was_left(change_feed):
    team = a_team()
    assert visit(client_of("member", team), team.slug)[0] == 200
    assert not change_feed.watchers and not +change_feed.open
