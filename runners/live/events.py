"""The live pages' door (ASGI): one stream of hints for each open page. It sends topics; pages ask for the rows.

Plain ASGI, for thousands are open at once and a Django view costs several times as much memory. The contract with
pages is in docs/design/pages.md.
"""

import asyncio
import random
import re
import time
from contextlib import suppress
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError
from django.http import QueryDict, parse_cookie

from runners.live.change_feed import ChangeFeed, Watcher
from runners.live.pg_listener import rows
from tfci.accounts import sessions, tenancy
from tfci.accounts.models import Membership
from tfci.core.requests import Receive, Scope, Send

DOOR = "/live/"
PAGE = re.compile(r"/live/t/([-\w]{1,60})/")
PULSE = 15  # seconds after which a silent stream sends a sign of life
RECHECK = 60  # seconds for which a session and a membership are trusted
MAX_PAGES = 32  # open pages of one person, in one process
RETRY = (1000, 4000)  # milliseconds until a browser comes back, spread so that not all come at once

change_feed = ChangeFeed()


class StreamRefused(Exception):
    """No stream: an HTTP status, and a sentence that explains it."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


async def door(scope: Scope, receive: Receive, send: Send) -> None:
    """200 and a stream; 403 without a session or the second factor that the team asks for, 404 for a team that is not
    the reader's, 429 for too many, 503 without the database."""
    try:
        member = await rows(reader, *_target(scope))
        if change_feed.open[member.user_id] >= MAX_PAGES:
            raise StreamRefused(
                HTTPStatus.TOO_MANY_REQUESTS, f"The maximum is {MAX_PAGES} live pages at a time."
            )
    except StreamRefused as refused:
        return await _refuse(refused, send)
    except DatabaseError:
        return await _refuse(
            StreamRefused(HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer."), send
        )
    stream = asyncio.create_task(_stream(member, _target(scope), _since(scope), send))
    while (await receive())["type"] != "http.disconnect":
        pass  # it has no body that we want
    stream.cancel()
    with suppress(asyncio.CancelledError):
        await stream


def reader(session: str | None, slug: str) -> Membership:
    """Who may watch that team now. Raises StreamRefused."""
    person = sessions.person(session)
    if person is None:
        raise StreamRefused(HTTPStatus.FORBIDDEN, "You are signed out.")
    membership = tenancy.membership_of(person, slug)
    if membership is None:
        raise StreamRefused(HTTPStatus.NOT_FOUND, "This team does not exist, or you are not a member of it.")
    if membership.team.needs_two_factors and not sessions.has_second_factor(person):
        raise StreamRefused(HTTPStatus.FORBIDDEN, "This team requires a second factor. Set one up first.")
    return membership


def _target(scope: Scope) -> tuple[str | None, str]:
    """The session and the team that are named. Raises StreamRefused."""
    page = PAGE.fullmatch(scope["path"])
    if page is None or scope.get("method") != "GET":
        raise StreamRefused(HTTPStatus.NOT_FOUND, "No page is live here.")
    return parse_cookie(_header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME), page[1]


def _since(scope: Scope) -> float:
    """How new the page is, in Unix time: a browser that reconnects sends the id of its last event."""
    value = _header(scope, b"last-event-id") or QueryDict(scope["query_string"]).get("since", "")
    return int(value) / 1000 if value.isdecimal() and len(value) < 16 else 0.0


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _stream(member: Membership, target: tuple[str | None, str], since: float, send: Send) -> None:
    """Until the page is left, the session or the membership has ended, or hints can't be read."""
    with change_feed.watch(member.team_id, member.user_id, since) as watcher:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await _write(send, f"retry: {random.randint(*RETRY)}\n\n")  # noqa: S311
        try:
            await _send_hints(watcher, target, send)
        finally:
            await _write(send, "", more=False)


HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # for nginx, which would collect it
]


async def _send_hints(watcher: Watcher, target: tuple[str | None, str], send: Send) -> None:
    checked = time.monotonic()
    while not watcher.ended:
        topics = await watcher.topics(PULSE)
        if time.monotonic() - checked > RECHECK - PULSE:
            if not await _may_still_watch(target):
                return
            checked = time.monotonic()
        await _write(send, _event(topics))


async def _may_still_watch(target: tuple[str | None, str]) -> bool:
    try:
        await rows(reader, *target)
    except (StreamRefused, DatabaseError):
        return False
    return True


def _event(topics: set[str]) -> str:
    """A hint; without topics the pulse, by which a page knows that its stream is not dead."""
    mark = f"id: {change_feed.read_until * 1000:.0f}\n"
    if topics:
        return f"{mark}data: {' '.join(sorted(topics))}\n\n"
    return f"{mark}event: pulse\ndata: .\n\n"


async def _write(send: Send, text: str, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": more})


async def _refuse(refused: StreamRefused, send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await _write(send, f"{refused}\n", more=False)
