"""What forges tell us: verified and written down at the door in one statement, taken in right after."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec
from django.db import connection
from django.db.models import QuerySet

from tfci.forges import connect
from tfci.forges.models import Delivery, LinkedOrg
from tfci.forges.ports import Heard, Hooks
from tfci.secret import Secret

KEEP = """
    INSERT INTO forges_delivery (org_id, delivery_id, event, received_at, told) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""
FRESH = 2  # seconds for which an address need not be looked up again


class Unknown(Exception):
    """No linked organisation has this address."""


class Forged(Exception):
    """The signature is missing or wrong."""


class Sender(NamedTuple):
    org_id: int
    hooks: Hooks
    secret: Secret


class Kept(NamedTuple):
    """`again`: it came before, and counts once. `news`: there is something to take in."""

    org_id: int
    again: bool
    news: bool


class Told(NamedTuple):
    heard: Heard
    at: datetime


def keep(address: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Kept:
    """Write down what one delivery tells; from here on it can't be lost. Raises Unknown, Forged, or Refused for what
    can't be read. One without an id counts: states only move forward."""
    sender = _authentic(address, headers, body, now)
    heard = sender.hooks.read(headers, body)
    told = msgspec.json.encode(heard) if heard.jobs or heard.stirred else None
    delivery_id = sender.hooks.delivery_id(headers) or uuid.uuid4().hex
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [sender.org_id, delivery_id, heard.event, now, told])
        again = cursor.rowcount == 0
    return Kept(sender.org_id, again, news=told is not None and not again)


def _authentic(address: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Sender:
    """Who sent it. What we know of an address may be seconds old, so nobody is turned away by that alone."""
    known = _sender(address, now.timestamp() // FRESH)
    if known.hooks.authentic(headers, body, known.secret):
        return known
    _sender.cache_clear()
    known = _sender(address, 0)
    if not known.hooks.authentic(headers, body, known.secret):
        raise Forged
    return known


@lru_cache(maxsize=1000)
def _sender(address: str, _period: float) -> Sender:
    """Who has this address. Raises Unknown."""
    org = LinkedOrg.objects.filter(address=address, unlinked_at=None).first()
    hooks = org and connect.kind(org.forge).hooks
    if hooks is None:
        raise Unknown
    return Sender(org.pk, hooks, org.hook_secret or Secret(""))


def waiting() -> QuerySet[Delivery]:
    """All that is written down and not taken in."""
    return Delivery.objects.exclude(told=None)


def take(org_id: int, most: int) -> list[Told]:
    """What an organisation's forge told, oldest first, at most so many deliveries. Call it in a transaction with what
    follows from it: then a delivery is taken in exactly when its consequences are."""
    rows = list(waiting().select_for_update().filter(org_id=org_id).order_by("pk")[:most])
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(told=None)
    return [Told(msgspec.json.decode(row.told, type=Heard), row.received_at) for row in rows]
