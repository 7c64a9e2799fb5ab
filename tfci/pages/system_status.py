"""Signs of life of the processes and engines behind the pages, read from what they leave in rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import DatabaseError, connection as database
from redis.exceptions import RedisError

from billing import quotes
from runners.models import VM
from tfci.forges.models import Connection
from tfci.grid import registry

MIRROR_LATE = timedelta(minutes=6)  # three of its turns
STEP_LATE = timedelta(minutes=1)
POLL_LATE = timedelta(minutes=2)
BEAT_LATE = timedelta(minutes=1)
SPEAKING = (VM.State.STANDBY, VM.State.ASSIGNED, VM.State.BUSY, VM.State.KEPT)


@dataclass(frozen=True, slots=True)
class Sign:
    """`well` is None where nothing can be said. `since` is when it last did what it should."""

    name: str
    does: str
    well: bool | None
    said: str
    since: datetime | None = None


def all_of(now: datetime) -> list[Sign]:
    """What works and what doesn't, in words that name no team."""
    return [*_engines(), _grid(now), _steps(now), _forges(now), _agents(now)]


def _engines() -> Iterator[Sign]:
    yield Sign("Database", "keeps all that is true", postgres_answers(), "answers")
    well = valkey_answers()
    said = "answer" if well else "don't answer: all is slower, nothing is lost"
    yield Sign("Queues and cache", "carry nudges between processes", well, said)


def _grid(now: datetime) -> Sign:
    name, does = "Grid", "its nodes and prices, read every two minutes by our workers"
    at = quotes.prices(registry.network())
    if at is None:
        return Sign(name, does, None, "not read yet")
    return Sign(name, does, now - at.read_at < MIRROR_LATE, "last read", at.read_at)


def _steps(now: datetime) -> Sign:
    name, does = "VMs", "ordered, started and removed by our workers"
    due = VM.objects.alive().filter(next_step_at__lt=now, leased_until__lt=now)
    late = due.order_by("next_step_at").values_list("next_step_at", flat=True).first()
    if late is None or now - late < STEP_LATE:
        return Sign(name, does, True, "every step is taken in time")
    return Sign(name, does, False, "steps wait, the longest since", late)


def _forges(now: datetime) -> Sign:
    name, does = "Forges", "asked for jobs, whatever webhooks say"
    late = (
        Connection.objects.filter(disconnected_at=None, disconnecting_at=None)
        .order_by("next_poll_at")
        .values_list("next_poll_at", flat=True)
        .first()
    )
    if late is None:
        return Sign(name, does, None, "none is linked yet")
    if now - late < POLL_LATE:
        return Sign(name, does, True, "each is asked in its turn")
    return Sign(name, does, False, "one should have been asked", late)


def _agents(now: datetime) -> Sign:
    name, does = "Agents", "what VMs say while they live"
    heard = VM.objects.alive().filter(state__in=SPEAKING).exclude(last_heartbeat_at=None)
    newest = heard.order_by("-last_heartbeat_at").values_list("last_heartbeat_at", flat=True).first()
    if newest is None:
        return Sign(name, does, None, "no VM is up, so none speaks")
    return Sign(name, does, now - newest < BEAT_LATE, "last heard", newest)


def postgres_answers() -> bool:
    try:
        with database.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    return True


def valkey_answers() -> bool:
    try:
        cache.get("health")
    except RedisError:
        return False
    return True
