"""Webhook deliveries: verified and stored at the door in one statement, processed right after."""

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
from tfci.forges.facts import WebhookEvent
from tfci.forges.github_apps import app_registry, installations
from tfci.forges.models import Connection, Delivery, GitHubApp
from tfci.forges.ports.forge import WebhookReader

INSERT = """
    INSERT INTO forges_delivery (connection_id, delivery_id, event, received_at, told) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""
EVENT = msgspec.json.Decoder(WebhookEvent)
FRESH = 2  # seconds for which an address need not be looked up again


class Unknown(Exception):
    """No linked organisation has this address."""


class InvalidSignature(Exception):
    """The signature is missing or wrong."""


class Sender(NamedTuple):
    """`connection_id` is None for an App's webhook, which is for all its installations."""

    connection_id: int | None
    hooks: WebhookReader
    secret: Secret
    app_id: int | None = None


class StoredDelivery(NamedTuple):
    """`duplicate`: it came before, and counts once. `pending`: there is something to process. An App also sends
    deliveries of what nobody has connected: these are not stored."""

    connection_id: int | None
    duplicate: bool
    pending: bool


class ReceivedEvent(NamedTuple):
    event: WebhookEvent
    at: datetime


def store(address: str, headers: Mapping[str, str], body: bytes, now: datetime) -> StoredDelivery:
    """Store one delivery; from here on it can't be lost. Raises Unknown, InvalidSignature, or ForgeRefused if it can't
    be read. One without an id counts as new: states only move forward."""
    sender = _authentic(address, headers, body, now)
    event = sender.hooks.read(headers, body)
    connection_id = sender.connection_id or _of_app(sender, event, body, now)
    if connection_id is None:
        return StoredDelivery(None, duplicate=False, pending=False)
    content = msgspec.json.encode(event) if event.jobs or event.stirred or event.run else None
    delivery_id = sender.hooks.delivery_id(headers) or uuid.uuid4().hex
    with database.cursor() as cursor:
        cursor.execute(INSERT, [connection_id, delivery_id, event.event, now, content])
        duplicate = cursor.rowcount == 0
    return StoredDelivery(connection_id, duplicate, pending=content is not None and not duplicate)


def _authentic(address: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Sender:
    """The verified sender. The cache may be seconds old, so nobody is rejected because of it alone."""
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
    """The sender of this address. Raises Unknown."""
    connection = Connection.objects.filter(address=address, disconnected_at=None).first()
    webhooks = connection and registry.kind(connection.forge).webhooks
    if connection and webhooks:
        return Sender(connection.pk, webhooks.reader, connection.hook_secret or Secret(""))
    app = GitHubApp.objects.filter(address=address).first()
    if app is None:
        raise Unknown
    return Sender(None, app_registry.HOOKS, app.webhook_secret, app.pk)


def _of_app(sender: Sender, event: WebhookEvent, body: bytes, now: datetime) -> int | None:
    """The connection that an App's verified delivery is about. One about the installation itself is a hint to read it.
    Raises ForgeRefused."""
    installation_id = app_registry.installation_of(body)
    if installation_id is None:
        return None
    if event.event in installations.EVENTS:
        installations.note_activity(present(sender.app_id), installation_id, now)
        return None
    repository = event.jobs[0].repository if event.jobs else event.repository
    return _link(sender.app_id, installation_id, repository, now.timestamp() // FRESH)


@lru_cache(maxsize=10_000)
def _link(app_id: int, installation_id: int, repository: str, _period: float) -> int | None:
    return installations.connection_of(app_id, installation_id, repository)


def waiting() -> QuerySet[Delivery]:
    """All that is stored and not processed."""
    return Delivery.objects.exclude(told=None)


def read_next(connection_id: int, limit: int) -> list[ReceivedEvent]:
    """The next events of a connection, oldest first, at most `limit` deliveries. Call it in the transaction that
    applies them: then a delivery is processed exactly when its effects are stored. There is one caller at a time."""
    rows = (
        waiting()
        .filter(connection_id=connection_id)
        .order_by("pk")
        .values_list("pk", "told", "received_at")[:limit]
    )
    found = list(rows)
    Delivery.objects.filter(pk__in=[pk for pk, _, _ in found]).update(told=None)
    return [ReceivedEvent(EVENT.decode(bytes(present(content))), at) for _, content, at in found]
