"""Where somebody is signed in: since when, from where, and when that browser was last seen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext

from tfci.accounts.address_ranges import network
from tfci.accounts.models import User

SEEN_EVERY = 600  # seconds between two notes of the same browser
MAX_SIGN_INS = 50  # sign-ins shown

# Part of a user agent -> the browser's name; the first match counts. (Chrome claims to be Safari, Edge both.)
BROWSERS = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@dataclass(frozen=True)
class SignIn:
    pk: int
    browser: str
    ip: str
    since: datetime
    seen: datetime
    here: bool


class NoteLastSeen(MiddlewareMixin):
    """Notes in the session when it was used. (allauth's own tracking takes five statements on each request.)"""

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        args: Sequence[str],
        kwargs: Mapping[str, object],
    ) -> None:
        now = int(timezone.now().timestamp())
        if request.user.is_authenticated and now - request.session.get("seen", 0) >= SEEN_EVERY:
            request.session["seen"] = now


def known_from(email: str, address: str, now: datetime) -> bool:
    """Whether that person is signed in from the network of this address."""
    addresses = _live(now, user__email=email).values_list("ip", flat=True)
    return network(address) in {network(known) for known in addresses[:MAX_SIGN_INS]}


def open_sessions(user: User, here: str | None, now: datetime) -> list[SignIn]:
    """A person's open sign-ins, this browser's (`here` is its session's key) first."""
    rows = list(_live(now, user=user)[:MAX_SIGN_INS])
    live = Session.objects.filter(session_key__in=[row.session_key for row in rows])
    data = {session.session_key: session.get_decoded() for session in live}
    found = [sign_in(row, data[row.session_key], here) for row in rows if row.session_key in data]
    return sorted(found, key=lambda one: (not one.here, -one.seen.timestamp()))


def _live(now: datetime, **filters: object) -> QuerySet[UserSession]:
    """The newest first. allauth's rows outlive their sessions."""
    sessions = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    return UserSession.objects.filter(Exists(sessions), **filters).order_by("-pk")


def sign_in(row: UserSession, data: Mapping[str, Any], here: str | None) -> SignIn:
    seen = datetime.fromtimestamp(data["seen"], UTC) if "seen" in data else row.created_at
    return SignIn(row.pk, browser(row.user_agent), row.ip, row.created_at, seen, row.session_key == here)


def browser(agent: str) -> str:
    """A user agent in words: "Firefox on Linux"; one that we don't know is cut."""
    name = next((word for mark, word in BROWSERS.items() if mark in agent), "")
    system = next((word for mark, word in SYSTEMS.items() if mark in agent), "")
    if name and system:
        return gettext("{browser} on {system}").format(browser=name, system=system)
    return name or system or agent[:60] or gettext("Unknown browser")


def end(rows: Iterable[UserSession]) -> None:
    """Those sessions are signed out at once."""
    for row in rows:
        row.end()
