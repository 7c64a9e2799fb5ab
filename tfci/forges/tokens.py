"""Tokens that end: an installation's is renewed ahead of its end, of all others the end is told in time.

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
AGAIN = timedelta(seconds=30)  # after a call that failed
LEASE = timedelta(minutes=1)  # nobody else renews it meanwhile; a worker that dies costs so much
SELDOM = timedelta(hours=1)  # where there is no token to renew: suspended, or uninstalled
MOST = 500  # in one turn
TOLD = (14, 3, 1)  # days before the end of a token that we can't renew


def due(now: datetime) -> list[int]:
    """The installations that are to be read now, by id; those alone that a link stands on, or that nobody has read."""
    wanted = Exists(_links(OuterRef("pk"))) | Q(read_at=None)
    found = Installation.objects.filter(wanted, due_at__lte=now, gone_at=None)
    return list(found.order_by("due_at").values_list("pk", flat=True)[:MOST])


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
        minted = app.token(row.installation_id) if _wants_token(row, seen, now) else None
    except Gone:
        _end(row, now)
    except Limited as error:
        _note(row, now, due_at=error.until)
    except ForgeRefused:
        _note(row, now, due_at=now + SELDOM)
    except ForgeError:
        _note(row, now, due_at=now + AGAIN)
    else:
        _note(row, now, read_at=now, **_seen(seen, row, now), **_token(row, seen, minted, now))


@transaction.atomic
def _end(row: Installation, now: datetime) -> None:
    """It was uninstalled, by an owner there: what stood on it is unlinked, so that it can be linked anew by who may."""
    for connection in _links(row).filter(disconnecting_at=None).select_related("team"):
        connections.begin_disconnect(connection, now)
        audit.record(
            connection.team,
            "GitHub",
            Action.CONNECTION_APP_UNINSTALLED,
            f"{connection.name} at {connection.url}",
            at=now,
        )
    _note(row, now, gone_at=now, token=None, token_ends_at=None, due_at=now + SELDOM)


def _wants_token(row: Installation, seen: InstallationSeen, now: datetime) -> bool:
    if seen.suspended or not _links(row).exists():
        return False
    ends_soon = row.token_ends_at is None or row.token_ends_at - AHEAD <= now
    return ends_soon or dict(seen.permissions) != row.permissions


def _seen(seen: InstallationSeen, row: Installation, now: datetime) -> dict[str, Any]:
    suspended_at = (row.suspended_at or now) if seen.suspended else None
    told = {"account": seen.account, "account_type": seen.account_type}
    return told | {"permissions": dict(seen.permissions), "suspended_at": suspended_at}


def _token(row: Installation, seen: InstallationSeen, minted: Minted | None, now: datetime) -> dict[str, Any]:
    """The token, if there is a new one, and when to come again."""
    if minted:
        ends = {"token": minted.token, "token_ends_at": minted.ends_at, "minted_at": now}
        return ends | {"due_at": minted.ends_at - AHEAD}
    if seen.suspended or row.token_ends_at is None:
        return {"due_at": now + SELDOM}
    return {"due_at": row.token_ends_at - AHEAD}


def _note(row: Installation, now: datetime, **columns: Any) -> None:
    """Whoever stands on it looks again at once where something has changed for it."""
    before = (row.suspended_at, row.gone_at, row.permissions, row.token_ends_at is None)
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=columns.keys())
    after = (row.suspended_at, row.gone_at, row.permissions, row.token_ends_at is None)
    if after != before:
        _links(row).update(next_poll_at=now, limited_until=None, retry_at=None)


def ending(now: datetime) -> list[tuple[Connection, datetime]]:
    """Links whose token ends soon, that we can't renew, and whose people are to be told now: with the moment of TOLD
    that has come."""
    last = now + timedelta(days=TOLD[0])
    links = Connection.objects.filter(
        installation=None,
        disconnecting_at=None,
        disconnected_at=None,
        token_ends_at__gt=now,
        token_ends_at__lte=last,
    )
    come = [(connection, _come(connection, now)) for connection in links.select_related("team")]
    return [
        (connection, at)
        for connection, at in come
        if connection.expiry_warned_at is None or connection.expiry_warned_at < at
    ]


def _come(connection: Connection, now: datetime) -> datetime:
    """The newest of the moments at which its end is told."""
    ends_at = present(connection.token_ends_at)
    moments = [ends_at - timedelta(days=days) for days in TOLD]
    return max(at for at in moments if at <= now)


def warn(connection: Connection, at: datetime) -> bool:
    """Note that it is being told; False where somebody else does."""
    later = Q(expiry_warned_at=None) | Q(expiry_warned_at__lt=at)
    return bool(Connection.objects.filter(later, pk=connection.pk).update(expiry_warned_at=at))
