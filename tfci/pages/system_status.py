"""Signs of life of the processes and engines behind the pages, read from what they leave in rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import DatabaseError, connection as database
from django.utils.translation import gettext
from redis.exceptions import RedisError

from billing import quotes
from runners.models import VM
from tfci.forges.models import Connection
from tfci.grid import registry

MIRROR_LATE = timedelta(minutes=6)  # three of its turns
STEP_LATE = timedelta(minutes=1)
POLL_LATE = timedelta(minutes=2)
BEAT_LATE = timedelta(minutes=1)
REPORTING = (VM.State.STANDBY, VM.State.ASSIGNED, VM.State.BUSY, VM.State.KEPT)


@dataclass(frozen=True, slots=True)
class Sign:
    """`well` is None where nothing can be said. `since` is when it last did what it should."""

    name: str
    implements: str
    well: bool | None
    text: str
    since: datetime | None = None


def all_of(now: datetime) -> list[Sign]:
    """What works and what doesn't, in words that name no team."""
    return [*_engines(), _grid(now), _steps(now), _forges(now), _agents(now)]


def _engines() -> Iterator[Sign]:
    yield Sign(gettext("Database"), gettext("stores all data"), postgres_answers(), gettext("answers"))
    well = valkey_answers()
    text = gettext("answer") if well else gettext("don't answer: slower, but nothing is lost")
    yield Sign(gettext("Queues and cache"), gettext("carry messages between processes"), well, text)


def _grid(now: datetime) -> Sign:
    name, does = gettext("Grid"), gettext("nodes and prices, read every two minutes by the workers")
    at = quotes.prices(registry.network())
    if at is None:
        return Sign(name, does, None, gettext("not read yet"))
    return Sign(name, does, now - at.read_at < MIRROR_LATE, gettext("last read"), at.read_at)


def _steps(now: datetime) -> Sign:
    name, does = "VMs", gettext("deployed, started and deleted by the workers")
    due = VM.objects.alive().filter(next_step_at__lt=now, leased_until__lt=now)
    late = due.order_by("next_step_at").values_list("next_step_at", flat=True).first()
    if late is None or now - late < STEP_LATE:
        return Sign(name, does, True, gettext("all steps on time"))
    return Sign(name, does, False, gettext("steps are delayed, the oldest since"), late)


def _forges(now: datetime) -> Sign:
    name, does = gettext("Forges"), gettext("polled for jobs, in addition to webhooks")
    late = (
        Connection.objects.filter(disconnected_at=None, disconnecting_at=None)
        .order_by("next_poll_at")
        .values_list("next_poll_at", flat=True)
        .first()
    )
    if late is None:
        return Sign(name, does, None, gettext("none connected yet"))
    if now - late < POLL_LATE:
        return Sign(name, does, True, gettext("all polled on time"))
    return Sign(name, does, False, gettext("polling is late, since"), late)


def _agents(now: datetime) -> Sign:
    name, does = gettext("Agents"), gettext("reports of running VMs")
    reporting = VM.objects.alive().filter(state__in=REPORTING).exclude(last_heartbeat_at=None)
    newest = reporting.order_by("-last_heartbeat_at").values_list("last_heartbeat_at", flat=True).first()
    if newest is None:
        return Sign(name, does, None, gettext("no running VMs"))
    return Sign(name, does, now - newest < BEAT_LATE, gettext("last report"), newest)


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
