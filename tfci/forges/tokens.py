"""Tokens that expire: an installation's is renewed before its end, for all others the team is warned in time.

Only a background task calls `refresh`. Rows hold when it is due, so a message that is lost costs one turn.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.core.leases import lease
from tfci.core.optional import present
from tfci.forges import connections
from tfci.forges.errors import ForgeError, ForgeRefused, Gone, Limited
from tfci.forges.models import Connection, Installation
from tfci.forges.ports.github_app import ForgeApp, InstallationSeen, Minted

AHEAD = timedelta(minutes=10)  # of a token's end: GitHub's last an hour
RETRY = timedelta(seconds=30)  # after a call that failed
LEASE = timedelta(minutes=1)  # nobody else renews it meanwhile
WITHOUT_TOKEN = timedelta(hours=1)  # where there is no token to renew: suspended, or uninstalled
BATCH = 500  # in one turn
WARNING_DAYS = (14, 3, 1)  # before the end of a token that we can't renew


def due(now: datetime) -> list[int]:
    """The installations that are to be read now, by id; those alone that a link stands on, or that nobody has read."""
    wanted = Exists(_links(OuterRef("pk"))) | Q(read_at=None)
    found = Installation.objects.filter(wanted, due_at__lte=now, gone_at=None)
    return list(found.order_by("due_at").values_list("pk", flat=True)[:BATCH])


def _links(installation: Installation | OuterRef) -> QuerySet[Connection]:
    return Connection.objects.filter(installation=installation, disconnected_at=None)


def lease_due(pk: int, now: datetime) -> Installation | None:
    """The installation, if it is due and nobody else has it."""
    rows = Installation.objects.select_related("app")
    return lease(rows, Q(due_at__lte=now), pk, due_at=now + LEASE)


def refresh(row: Installation, app: ForgeApp, now: datetime) -> None:
    """Read it, and mint a token where the present one ends soon or has other rights. Raises nothing."""
    try:
        seen = app.installation(row.installation_id)
        minted = app.token(row.installation_id) if _needs_token(row, seen, now) else None
    except Gone:
        _end(row, now)
    except Limited as error:
        _note(row, now, due_at=error.until)
    except ForgeRefused:
        _note(row, now, due_at=now + WITHOUT_TOKEN)
    except ForgeError:
        _note(row, now, due_at=now + RETRY)
    else:
        _note(row, now, read_at=now, **_seen(seen, row, now), **_token(row, seen, minted, now))


@transaction.atomic
def _end(row: Installation, now: datetime) -> None:
    """It was uninstalled by an owner: its connections are disconnected, so that they can be connected anew."""
    for connection in _links(row).filter(disconnecting_at=None).select_related("team"):
        connections.begin_disconnect(connection, now)
        audit.record(
            connection.team,
            "GitHub",
            Action.CONNECTION_APP_UNINSTALLED,
            f"{connection.name} at {connection.url}",
            at=now,
        )
    _note(row, now, gone_at=now, token=None, token_ends_at=None, due_at=now + WITHOUT_TOKEN)


def _needs_token(row: Installation, seen: InstallationSeen, now: datetime) -> bool:
    if seen.suspended or not _links(row).exists():
        return False
    ends_soon = row.token_ends_at is None or row.token_ends_at - AHEAD <= now
    return ends_soon or dict(seen.permissions) != row.permissions


def _seen(seen: InstallationSeen, row: Installation, now: datetime) -> dict[str, Any]:
    suspended_at = (row.suspended_at or now) if seen.suspended else None
    fields = {"account": seen.account, "account_type": seen.account_type}
    return fields | {"permissions": dict(seen.permissions), "suspended_at": suspended_at}


def _token(row: Installation, seen: InstallationSeen, minted: Minted | None, now: datetime) -> dict[str, Any]:
    """The token, if there is a new one, and when to come again."""
    if minted:
        ends = {"token": minted.token, "token_ends_at": minted.ends_at, "minted_at": now}
        return ends | {"due_at": minted.ends_at - AHEAD}
    if seen.suspended or row.token_ends_at is None:
        return {"due_at": now + WITHOUT_TOKEN}
    return {"due_at": row.token_ends_at - AHEAD}


def _note(row: Installation, now: datetime, **columns: Any) -> None:
    """Its connections are polled again at once if something has changed for them."""
    before = (row.suspended_at, row.gone_at, row.permissions, row.token_ends_at is None)
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=columns.keys())
    after = (row.suspended_at, row.gone_at, row.permissions, row.token_ends_at is None)
    if after != before:
        _links(row).update(next_poll_at=now, limited_until=None, retry_at=None)


def ending(now: datetime) -> list[tuple[Connection, datetime]]:
    """Connections whose token expires soon, that we can't renew, and whose team is to be warned now: with the moment of
    WARNING_DAYS that has come."""
    last = now + timedelta(days=WARNING_DAYS[0])
    links = Connection.objects.filter(
        installation=None,
        disconnecting_at=None,
        disconnected_at=None,
        token_ends_at__gt=now,
        token_ends_at__lte=last,
    )
    warnings = [(connection, _last_warning(connection, now)) for connection in links.select_related("team")]
    return [
        (connection, at)
        for connection, at in warnings
        if connection.expiry_warned_at is None or connection.expiry_warned_at < at
    ]


def _last_warning(connection: Connection, now: datetime) -> datetime:
    """The newest moment of WARNING_DAYS."""
    ends_at = present(connection.token_ends_at)
    moments = [ends_at - timedelta(days=days) for days in WARNING_DAYS]
    return max(at for at in moments if at <= now)


def warn(connection: Connection, at: datetime) -> bool:
    """Record the warning; False if another process does it."""
    later = Q(expiry_warned_at=None) | Q(expiry_warned_at__lt=at)
    return bool(Connection.objects.filter(later, pk=connection.pk).update(expiry_warned_at=at))
