"""What forges tell us: find the organisation, verify, dedupe, read. No outside call."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from tfci.forges import connect
from tfci.forges.models import Delivery, LinkedOrg
from tfci.forges.ports import Heard
from tfci.secret import Secret


class Unknown(Exception):
    """No linked organisation has this address."""


class Forged(Exception):
    """The signature is missing or wrong."""


class Delivered(NamedTuple):
    org: LinkedOrg
    heard: Heard


def hear(address: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivered:
    """One delivery, read. `heard.jobs` is empty when it came before.

    Raises Unknown, Forged, or Refused for what can't be read. Call it in a transaction with what follows
    from it: then a delivery counts exactly when its consequences do.
    """
    org = LinkedOrg.objects.filter(address=address, unlinked_at=None).select_related("team").first()
    if org is None:
        raise Unknown
    hooks = connect.kind(org.forge).hooks
    if not hooks.authentic(headers, body, org.hook_secret or Secret("")):
        raise Forged
    heard = hooks.read(headers, body)
    fresh = _record(org, hooks.delivery_id(headers), heard.event, now)
    return Delivered(org, heard if fresh else Heard(heard.event))


def _record(org: LinkedOrg, delivery_id: str, event: str, now: datetime) -> bool:
    """False when the delivery came before. One without an id counts: states only move forward."""
    if not delivery_id:
        return True
    _, fresh = Delivery.objects.get_or_create(
        org=org, delivery_id=delivery_id, defaults={"event": event, "received_at": now}
    )
    return fresh
