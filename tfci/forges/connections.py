"""Connect an organization, user or repository, check it again, disconnect it and clean up at its forge."""

import secrets
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection as database, transaction
from django.db.models import Q
from django.utils.translation import gettext

from tfci.accounts.models import Team
from tfci.core.formatting import plural
from tfci.core.reasons import Reason
from tfci.core.secret import Secret
from tfci.forges import addresses, authority as authorities, findings, registry
from tfci.forges.errors import Busy, ForgeError, ForgeRefused, Gone
from tfci.forges.facts import Checked
from tfci.forges.findings import CheckSubject, Finding
from tfci.forges.models import Connection, Installation
from tfci.forges.ports.forge import Forge, SendsWebhooks
from tfci.forges.problems import LeftAtForge, WebhookFailed, stored


def draft(
    team: Team,
    *,
    forge: str,
    url: str,
    name: str,
    token: Secret,
    now: datetime,
    way: str = "",
    level: str = "org",
    runner_url: str = "",
    authority: str = "",
    runner_group: str = "",
) -> Connection:
    """The unsaved row of a new connection. Raises ForgeRefused for problems that need no call to the forge."""
    webhooks = registry.kind(forge).webhooks
    url = addresses.address(url)
    connection = Connection(
        team=team,
        forge=forge,
        level=level,
        url=url,
        name=name.strip(),
        runner_url=runner_url.strip(),
        authority=trusted(authority, now),
        runner_group=runner_group.strip(),
        token=token,
        way=(way or Connection.Way.WEBHOOK) if webhooks else Connection.Way.POLL,
        hook_secret=Secret(secrets.token_urlsafe(32)),
        connected_at=now,
        next_poll_at=now,
    )
    _refuse_too_many(connection)
    return connection


def trusted(pasted: str, now: datetime) -> str:
    """A pasted authority in one spelling, "" if there is none. Raises ForgeRefused with the problem."""
    return authorities.read(pasted, now).pem if pasted.strip() else ""


def link(connection: Connection, forge: Forge, now: datetime) -> Connection:
    """Check it at the forge, save the row, then create its webhook. Raises ForgeRefused with all problems."""
    found = forge.check()
    if found.problems:
        raise ForgeRefused("\n".join(map(str, found.problems)))
    _note_check(connection, found, now)
    save(connection)
    _set_up_webhook(connection, forge)
    return connection


@transaction.atomic
def save(connection: Connection) -> Connection:
    """Keep a drafted row, whose token the forge has accepted: to others nothing tells who is connected here. Raises
    ForgeRefused where another link came first."""
    _lock(f"{connection.forge} {connection.url}".lower())
    _lock(f"connections of team {connection.team_id}")
    _refuse_too_many(connection)
    _refuse_taken(connection)
    connection.save()
    return connection


def check(connection: Connection, forge: Forge, now: datetime) -> Connection:
    """Check again whether the token still has the permissions, and recreate a missing webhook. Raises Busy."""
    try:
        _note_check(connection, forge.check(), now)
        if not connection.problems:
            _set_up_webhook(connection, forge)
    except Busy:
        raise
    except ForgeError as error:
        connection.problems, connection.checked_at = [stored(error.reason)], now
        connection.check_findings = [_stored(Finding(CheckSubject.CONNECTION, error.reason))]
    fields = ["version", "login", "checked_at", "problems", "check_findings", "token_ends_at", "may_write"]
    connection.save(update_fields=fields)
    return connection


def hook_url(connection: Connection) -> str:
    """Where the forge is to send its webhooks: unguessable, one an organisation."""
    return f"{settings.URL}/hooks/{connection.address}"


def begin_disconnect(connection: Connection, now: datetime) -> None:
    """From now on no new job of it is accepted. Running jobs may end."""
    Connection.objects.filter(pk=connection.pk, disconnecting_at=None).update(disconnecting_at=now)


def finish_disconnect(connection: Connection, forge: Forge, now: datetime) -> None:
    """Remove webhook and signpost at the forge, then delete the credential. Safe to repeat.

    A token that no longer works must not keep the connection for ever: whoever revoked it has ended our rights.
    """
    try:
        webhooks = registry.implementing(connection, forge, SendsWebhooks)
        if webhooks and connection.hook_id and not connection.installation_id:
            webhooks.unhook(connection.hook_id)
        if connection.signpost_id:
            forge.remove_runner(connection.signpost_id)
    except (ForgeRefused, Gone) as error:
        connection.problems = [stored(LeftAtForge(str(error)))]
    connection.disconnected_at, connection.token, connection.hook_secret, connection.signpost_credential = (
        now,
        Secret(""),
        Secret(""),
        None,
    )
    connection.save(
        update_fields=["disconnected_at", "token", "hook_secret", "signpost_credential", "problems"]
    )
    if connection.installation_id:
        unused = Installation.objects.filter(pk=connection.installation_id).exclude(
            connections__disconnected_at__isnull=True
        )
        unused.update(token=None, token_ends_at=None)


def _note_check(connection: Connection, found: Checked, now: datetime) -> None:
    connection.version, connection.login, connection.checked_at = found.version, found.login, now
    connection.check_findings = list(map(_stored, found.findings))
    connection.token_ends_at, connection.may_write = found.token_ends, found.may_write
    connection.problems = list(map(stored, found.problems))


def _stored(finding: Finding) -> dict[str, Any]:
    return {"subject": str(finding.subject), **stored(finding.reason)}


def _set_up_webhook(connection: Connection, forge: Forge) -> None:
    """A webhook that can't be created does not fail the connection: jobs are also found by polling."""
    connection.check_findings.append(
        _stored(Finding(CheckSubject.WEBHOOK, _create_webhook(connection, forge)))
    )
    fields = {
        "hook_id": connection.hook_id,
        "problems": connection.problems,
        "check_findings": connection.check_findings,
    }
    Connection.objects.filter(pk=connection.pk).update(**fields)


def _create_webhook(connection: Connection, forge: Forge) -> Reason:
    webhooks = registry.implementing(connection, forge, SendsWebhooks)
    if connection.installation_id:
        return findings.WebhookOfApp()
    if webhooks is None:
        return findings.WebhookNotSent()
    if connection.way != Connection.Way.WEBHOOK:
        return findings.WebhookNotChosen()
    try:
        connection.hook_id = webhooks.hook(hook_url(connection), connection.hook_secret)
    except ForgeError as error:
        failed = WebhookFailed(str(error))
        connection.problems = [stored(failed)]
        return failed
    return findings.WebhookCreated(connection.hook_id)


def _lock(key: str) -> None:
    """Serialize connecting within the same forge, or the same team: no constraint can see that a repository belongs to
    an organization, and that to an instance, and none can count."""
    with database.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _refuse_too_many(connection: Connection) -> None:
    """Each connection is polled for as long as it is there."""
    limit = settings.CONNECTIONS_PER_TEAM
    if Connection.objects.filter(team=connection.team_id, disconnected_at=None).count() >= limit:
        raise ForgeRefused(
            gettext(
                "A team may have {connections} here, which is the limit. Disconnect one first, or ask the operator to "
                "raise FARMHAND_CONNECTIONS_PER_TEAM."
            ).format(connections=plural(limit, "connection"))
        )


def _refuse_taken(connection: Connection) -> None:
    """Two connections over the same thing would run each job twice."""
    linked = Connection.objects.filter(
        forge=connection.forge, url__iexact=connection.url, disconnected_at=None
    )
    whole = connection.level == Connection.Level.INSTANCE
    covering = (
        Q(name__iexact=connection.name)
        | Q(name__iexact=connection.owner)
        | Q(level=Connection.Level.INSTANCE)
    )
    inside = Q(name__istartswith=f"{connection.name}/")
    taken = linked.filter(Q() if whole else covering | inside).first()
    if taken is None:
        return
    if taken.name.lower() == connection.name.lower():
        text = gettext("{name} at {url} is already connected.")
    elif whole:
        text = gettext("A part of {url} is already connected and would be served twice.")
    elif taken.level == Connection.Level.REPO:
        text = gettext(
            "{taken} at {url}, a repository of {name}, is already connected and would be served twice."
        )
    else:
        text = gettext("{taken} at {url} is already connected with all its repositories, including {name}.")
    message = text.format(name=connection.name, url=connection.url, taken=taken.name)
    advice = gettext("Disconnect it there first; one connection serves all pools.")
    raise ForgeRefused(f"{message} {advice}")
