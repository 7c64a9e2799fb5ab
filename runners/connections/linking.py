"""What people do with organisations, users and repositories of forges: connect, replace a token, check, disconnect.
Each is written to the audit log.

Calls to the forge come first and outside of any transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from runners.connections import polling
from runners.gateways import Gateways
from runners.jobs import backoff
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team
from tfci.core.secret import Secret
from tfci.forges import authority, connections, registry
from tfci.forges.errors import ForgeRefused
from tfci.forges.github_apps import installations
from tfci.forges.models import Connection, GitHubApp
from tfci.forges.ports.forge import Forge, SendsWebhooks
from tfci.forges.ports.github_app import InstallationClaim


def connect(
    team: Team, settings: Mapping[str, Any], gateways: Gateways, who: audit.Actor, now: datetime
) -> Connection:
    """`settings`: as forms.LinkForm cleans them. Raises ForgeError with sentences."""
    connection = connections.draft(team, **settings, now=now)
    connections.link(connection, gateways.forge(connection), now)
    after = {"level": connection.level, "way": connection.way}
    audit.record(
        team, who, Action.CONNECTION_CREATED, f"{connection.name} at {connection.url}", after=after, at=now
    )
    return connection


@transaction.atomic
def connect_by_app(
    team: Team, app: GitHubApp, claim: InstallationClaim, who: audit.Actor, now: datetime
) -> Connection:
    """Link what somebody has proven to own at GitHub. No outside call. Raises ForgeRefused."""
    connection = installations.link(team, app, claim, now)
    after = {"level": connection.level, "by": f"the App {app.name}"}
    audit.record(
        team, who, Action.CONNECTION_CREATED, f"{connection.name} at {connection.url}", after=after, at=now
    )
    return connection


def renew(
    connection: Connection, token: Secret, gateways: Gateways, who: audit.Actor, now: datetime
) -> Connection:
    """Replace its token, once the new one is checked. Raises ForgeError, and then the old one stays."""
    _has_own_token(connection)
    connection.token = token
    forge = _forge_now(connection, gateways)
    if problems := forge.check().problems:
        raise ForgeRefused("\n".join(map(str, problems)))
    with transaction.atomic():
        if not Connection.objects.filter(pk=connection.pk, disconnecting_at=None).update(token=token):
            raise ForgeRefused(f"{connection} is being disconnected, so its token can't be replaced.")
        audit.record(
            connection.team,
            who,
            Action.CONNECTION_TOKEN_RENEWED,
            f"{connection.name} at {connection.url}",
            at=now,
        )
    return _checked(connection, forge, now)


def set_way(
    connection: Connection, way: str, gateways: Gateways, who: audit.Actor, now: datetime
) -> Connection:
    """Discover its jobs by webhook and poll, or by polling only. Raises ForgeError, and then all stays as it was."""
    _has_own_token(connection)
    if way == Connection.Way.WEBHOOK and not registry.kind(connection.forge).webhooks:
        raise ForgeRefused(
            f"{registry.kind(connection.forge).title} sends no webhooks, so its jobs are found by polling."
        )
    forge = _forge_now(connection, gateways)
    webhooks = registry.implementing(connection, forge, SendsWebhooks)
    if webhooks and way == Connection.Way.POLL and connection.hook_id:
        webhooks.unhook(connection.hook_id)
    with transaction.atomic():
        audited = {"way": connection.way}, {"way": way}
        connection.way, connection.hook_id = way, "" if way == Connection.Way.POLL else connection.hook_id
        connection.save(update_fields=["way", "hook_id"])
        on = f"{connection.name} at {connection.url}"
        audit.record(
            connection.team, who, Action.CONNECTION_CHANGED, on, before=audited[0], after=audited[1], at=now
        )
    return connections.check(connection, forge, now)


def change(
    connection: Connection, settings: Mapping[str, str], gateways: Gateways, who: audit.Actor, now: datetime
) -> Connection:
    """Put its runners into another `runner_group`, trust another `authority`. Raises ForgeError, and then all stays as
    it was."""
    after = _changed(connection, settings, now)
    before = {name: getattr(connection, name) for name in after}
    for name, value in after.items():
        setattr(connection, name, value)
    forge = _forge_now(connection, gateways)
    if problems := forge.check().problems:
        raise ForgeRefused("\n".join(map(str, problems)))
    with transaction.atomic():
        connection.save(update_fields=list(after))
        on = f"{connection.name} at {connection.url}"
        audit.record(
            connection.team,
            who,
            Action.CONNECTION_CHANGED,
            on,
            before=_audit_values(before),
            after=_audit_values(after),
            at=now,
        )
    return _checked(connection, forge, now)


def _changed(connection: Connection, settings: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What would be another: browsers write other ends of lines. Raises ForgeRefused."""
    texts = {name: "\n".join(text.split("\r\n")).strip() for name, text in settings.items()}
    after = {name: text for name, text in texts.items() if text != getattr(connection, name).strip()}
    if after.get("runner_group") and not registry.kind(connection.forge).engine.runner_groups:
        raise ForgeRefused(f"{registry.kind(connection.forge).title} has no runner groups.")
    if "authority" in after:
        _has_own_token(connection)
        after["authority"] = connections.trusted(after["authority"], now)
    return after


def _audit_values(values: Mapping[str, str]) -> Mapping[str, str]:
    """As the audit log has it: an authority by its name."""
    pem = values.get("authority")
    return {**values, "authority": authority.known(pem).name} if pem else values


def _has_own_token(connection: Connection) -> None:
    """Raises ForgeRefused for one that an App stands for, with its token and its webhook."""
    if connection.installation_id:
        raise ForgeRefused(f"{connection} is connected by an App, which has its own token and webhook.")


def check(connection: Connection, gateways: Gateways, now: datetime) -> Connection:
    """Check it at its forge; faults are then in `problems`. Raises Busy."""
    return _checked(connection, _forge_now(connection, gateways), now)


def _forge_now(connection: Connection, gateways: Gateways) -> Forge:
    """The forge of a connection for a person's request: it is called even while automatic calls are paused."""
    connection.retry_at = None
    return gateways.forge(connection)


def _checked(connection: Connection, forge: Forge, now: datetime) -> Connection:
    """Check it; where a person has fixed it, its jobs need not wait for our next try."""
    connections.check(connection, forge, now)
    if not connection.problems:
        backoff.end_pause(connection)
        polling.poll_soon(connection, now)
    return connection


@transaction.atomic
def disconnect(connection: Connection, who: audit.Actor, now: datetime) -> bool:
    """Begin to drain it; the sweep goes on. False when that had begun before."""
    fresh = Connection.objects.select_for_update().get(pk=connection.pk)
    if not fresh.alive:
        return False
    connections.begin_disconnect(connection, now)
    connection.disconnecting_at = now
    audit.record(
        connection.team,
        who,
        Action.CONNECTION_ENDED,
        f"{connection.name} at {connection.url}",
        at=now,
    )
    return True
