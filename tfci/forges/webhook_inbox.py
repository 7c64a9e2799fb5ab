"""What forges tell us: verified and written down at the door in one statement, taken in right after."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec
from django.db import connection as database
from django.db.models import QuerySet

from tfci.core.optional import present
from tfci.core.secret import Secret
from tfci.forges import registry
from tfci.forges.facts import Heard
from tfci.forges.github_apps import app_registry, installations
from tfci.forges.models import Connection, Delivery, GitHubApp
from tfci.forges.ports.forge import WebhookReader

KEEP = """
    INSERT INTO forges_delivery (connection_id, delivery_id, event, received_at, told) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""
HEARD = msgspec.json.Decoder(Heard)
FRESH = 2  # seconds for which an address need not be looked up again


class Unknown(Exception):
    """No linked organisation has this address."""


class InvalidSignature(Exception):
    """The signature is missing or wrong."""


class Sender(NamedTuple):
    """`connection_id` is None for an App's webhook, which tells of all its installations."""

    connection_id: int | None
    hooks: WebhookReader
    secret: Secret
    app_id: int | None = None


class KeptDelivery(NamedTuple):
    """`again`: it came before, and counts once. `news`: there is something to take in. An App also tells of what nobody
    has linked: that is kept for nobody."""

    connection_id: int | None
    again: bool
    news: bool


class HeardDelivery(NamedTuple):
    heard: Heard
    at: datetime


def store(address: str, headers: Mapping[str, str], body: bytes, now: datetime) -> KeptDelivery:
    """Write down what one delivery tells; from here on it can't be lost. Raises Unknown, InvalidSignature,
    or Refused for what can’t be read. One without an id counts: states only move forward."""
    sender = _authentic(address, headers, body, now)
    heard = sender.hooks.read(headers, body)
    connection_id = sender.connection_id or _of_app(sender, heard, body, now)
    if connection_id is None:
        return KeptDelivery(None, again=False, news=False)
    told = msgspec.json.encode(heard) if heard.jobs or heard.stirred or heard.run else None
    delivery_id = sender.hooks.delivery_id(headers) or uuid.uuid4().hex
    with database.cursor() as cursor:
        cursor.execute(KEEP, [connection_id, delivery_id, heard.event, now, told])
        again = cursor.rowcount == 0
    return KeptDelivery(connection_id, again, news=told is not None and not again)


def _authentic(address: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Sender:
    """Who sent it. What we know of an address may be seconds old, so nobody is turned away by that alone."""
    known = _sender(address, now.timestamp() // FRESH)
    if known.hooks.authentic(headers, body, known.secret):
        return known
    _sender.cache_clear()
    known = _sender(address, 0)
    if not known.hooks.authentic(headers, body, known.secret):
        raise InvalidSignature
    return known


@lru_cache(maxsize=1000)
def _sender(address: str, _period: float) -> Sender:
    """Who has this address. Raises Unknown."""
    connection = Connection.objects.filter(address=address, disconnected_at=None).first()
    webhooks = connection and registry.kind(connection.forge).webhooks
    if connection and webhooks:
        return Sender(connection.pk, webhooks.reader, connection.hook_secret or Secret(""))
    app = GitHubApp.objects.filter(address=address).first()
    if app is None:
        raise Unknown
    return Sender(None, app_registry.HOOKS, app.webhook_secret, app.pk)


def _of_app(sender: Sender, heard: Heard, body: bytes, now: datetime) -> int | None:
    """Whose link an App's delivery is about, once its signature was right. What tells of the installation itself is a
    hint to read it. Raises Refused."""
    installation_id = app_registry.installation_of(body)
    if installation_id is None:
        return None
    if heard.event in installations.EVENTS:
        installations.note_activity(present(sender.app_id), installation_id, now)
        return None
    repository = heard.jobs[0].repository if heard.jobs else heard.repository
    return _link(sender.app_id, installation_id, repository, now.timestamp() // FRESH)


@lru_cache(maxsize=10_000)
def _link(app_id: int, installation_id: int, repository: str, _period: float) -> int | None:
    return installations.connection_of(app_id, installation_id, repository)


def waiting() -> QuerySet[Delivery]:
    """All that is written down and not taken in."""
    return Delivery.objects.exclude(told=None)


def read_next(connection_id: int, most: int) -> list[HeardDelivery]:
    """What an organisation's forge told, oldest first, at most so many deliveries. Call it in a transaction with what
    follows from it: then a delivery is taken in exactly when its consequences are. Whoever calls is the only one."""
    rows = (
        waiting()
        .filter(connection_id=connection_id)
        .order_by("pk")
        .values_list("pk", "told", "received_at")[:most]
    )
    found = list(rows)
    Delivery.objects.filter(pk__in=[pk for pk, _, _ in found]).update(told=None)
    return [HeardDelivery(HEARD.decode(bytes(present(told))), at) for _, told, at in found]
