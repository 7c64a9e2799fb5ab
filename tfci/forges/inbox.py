"""What forges tell us: find the organisation, verify, dedupe, read. No outside call."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError

from tfci.forges import connect
from tfci.forges.models import Delivery, LinkedOrg
from tfci.forges.ports import Heard
from tfci.prepared import Given, Prepared
from tfci.secret import Secret

BY_ADDRESS = Prepared(LinkedOrg.objects.filter(address=Given("address"), unlinked_at=None))


class Unknown(Exception):
    """No linked organisation has this address."""


class Forged(Exception):
    """The signature is missing or wrong."""


class Again(Exception):
    """This delivery came before."""


class Delivered(NamedTuple):
    org: LinkedOrg
    heard: Heard


def hear(address: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Delivered:
    """One delivery, read. Raises Unknown, Forged, Again, or Refused for what can't be read.

    Call it in a transaction with what follows from it: then a delivery counts exactly when its consequences do.
    """
    org = next(iter(BY_ADDRESS(address=address)), None)
    if org is None:
        raise Unknown
    hooks = connect.kind(org.forge).hooks
    if not hooks.authentic(headers, body, org.hook_secret or Secret("")):
        raise Forged
    heard = hooks.read(headers, body)
    _record(org, hooks.delivery_id(headers), heard.event, now)
    return Delivered(org, heard)


def _record(org: LinkedOrg, delivery_id: str, event: str, now: datetime) -> None:
    """One without an id counts: states only move forward. Raises Again."""
    if not delivery_id:
        return
    try:
        Delivery.objects.create(org=org, delivery_id=delivery_id, event=event, received_at=now)
    except IntegrityError:
        raise Again from None
