"""Link an organisation, user or repository, check it again, unlink it and leave nothing at its forge."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from tfci.core.secret import Secret
from tfci.forges import addresses, authority as authorities, registry
from tfci.forges.errors import Busy, ForgeError, ForgeRefused, Gone
from tfci.forges.facts import Checked
from tfci.forges.models import Installation, LinkedOrg
from tfci.forges.ports import Forge, SendsWebhooks


def draft(
    team,
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
) -> LinkedOrg:
    """The row that would be linked, not saved. Raises ForgeRefused for what needs no look outside."""
    webhooks = registry.kind(forge).webhooks
    url = addresses.address(url)
    org = LinkedOrg(
        team=team,
        forge=forge,
        level=level,
        url=url,
        name=name.strip(),
        runner_url=runner_url.strip(),
        authority=trusted(authority, now),
        runner_group=runner_group.strip(),
        token=token,
        way=(way or LinkedOrg.Way.WEBHOOK) if webhooks else LinkedOrg.Way.POLL,
        hook_secret=Secret(secrets.token_urlsafe(32)),
        linked_at=now,
        poll_at=now,
    )
    _refuse_too_many(org)
    _refuse_taken(org)
    return org


def trusted(pasted: str, now: datetime) -> str:
    """A pasted authority in one spelling, "" where there is none. Raises ForgeRefused with what is wrong with it."""
    return authorities.read(pasted, now).pem if pasted.strip() else ""


def link(org: LinkedOrg, forge: Forge, now: datetime) -> LinkedOrg:
    """Check the forge's side, save the row, then make its webhook. Raises ForgeRefused with all that is missing."""
    found = forge.check()
    if found.missing:
        raise ForgeRefused("\n".join(found.missing))
    _note_check(org, found, now)
    save(org)
    _hook(org, forge)
    return org


@transaction.atomic
def save(org: LinkedOrg) -> LinkedOrg:
    """Keep a drafted row. Raises ForgeRefused where another link came first."""
    _hold(f"{org.forge} {org.url}".lower())
    _hold(f"connections of team {org.team_id}")
    _refuse_too_many(org)
    _refuse_taken(org)
    org.save()
    return org


def check(org: LinkedOrg, forge: Forge, now: datetime) -> LinkedOrg:
    """Look again whether the token still does what we need, and mend a webhook that is gone. Raises Busy."""
    try:
        _note_check(org, forge.check(), now)
        if not org.trouble:
            _hook(org, forge)
    except Busy:
        raise
    except ForgeError as error:
        org.trouble, org.checked_at = str(error), now
        org.findings = [[registry.kind(org.forge).title, "no good answer", str(error)]]
    looked = ["version", "login", "checked_at", "trouble", "findings", "token_ends_at", "may_write"]
    org.save(update_fields=looked)
    return org


def hook_url(org: LinkedOrg) -> str:
    """Where the forge is to send its webhooks: unguessable, one an organisation."""
    return f"{settings.URL}/hooks/{org.address}"


def begin_unlink(org: LinkedOrg, now: datetime) -> None:
    """From now on no new job of it is taken. What runs may end."""
    LinkedOrg.objects.filter(pk=org.pk, unlinking_at=None).update(unlinking_at=now)


def finish_unlink(org: LinkedOrg, forge: Forge, now: datetime) -> None:
    """Take webhook and signpost away at the forge, then let the credential go. Safe to repeat.

    A token that no longer works must not keep the link for ever: the person who took it away has ended our rights.
    """
    try:
        webhooks = registry.as_one_that(org, forge, SendsWebhooks)
        if webhooks and org.hook_id and not org.installation_id:
            webhooks.unhook(org.hook_id)
        if org.signpost_id:
            forge.forget(org.signpost_id)
    except (ForgeRefused, Gone) as error:
        org.trouble = f"Unlinked, but its webhook or signpost may be left at the forge: {error}"
    org.unlinked_at, org.token, org.hook_secret, org.signpost_credential = now, Secret(""), Secret(""), None
    org.save(update_fields=["unlinked_at", "token", "hook_secret", "signpost_credential", "trouble"])
    unused = Installation.objects.filter(pk=org.installation_id).exclude(links__unlinked_at__isnull=True)
    unused.update(token=None, token_ends_at=None)


def _note_check(org: LinkedOrg, found: Checked, now: datetime) -> None:
    org.version, org.login, org.checked_at = found.version, found.login, now
    org.findings = [[finding.what, finding.said, finding.mend] for finding in found.findings]
    org.token_ends_at, org.may_write = found.token_ends, found.may_write
    org.trouble = "\n".join(found.missing)


def _hook(org: LinkedOrg, forge: Forge) -> None:
    """A forge that can't make one is not a failed link: polling is the truth, the webhook a hint."""
    webhooks = registry.as_one_that(org, forge, SendsWebhooks)
    if org.installation_id:
        org.findings.append(["Webhook", "the App’s own, for all that it is installed in", ""])
    elif webhooks is None or org.way != LinkedOrg.Way.WEBHOOK:
        why = "by choice" if webhooks else "its forge sends none"
        org.findings.append(["Webhook", f"none, {why}", ""])
    else:
        try:
            org.hook_id = webhooks.hook(hook_url(org), org.hook_secret)
            org.findings.append(["Webhook", f"made, its number there is {org.hook_id}", ""])
        except ForgeError as error:
            org.trouble = f"Jobs are found by polling, since the webhook could not be made: {error}"
            org.findings.append(["Webhook", "could not be made", org.trouble])
    noted = {"hook_id": org.hook_id, "trouble": org.trouble, "findings": org.findings}
    LinkedOrg.objects.filter(pk=org.pk).update(**noted)


def _hold(shared: str) -> None:
    """Whoever links something of the same forge, or of the same team, waits for this transaction: no constraint sees
    that a repository lies in an organisation, and that in an instance, and none counts."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [shared])


def _refuse_too_many(org: LinkedOrg) -> None:
    """Each connection is polled for as long as it is there."""
    limit = settings.CONNECTIONS_PER_TEAM
    if LinkedOrg.objects.filter(team=org.team_id, unlinked_at=None).count() >= limit:
        raise ForgeRefused(
            f"A team may have {limit} connection{'' if limit == 1 else 's'} here, and this one does. Unlink one first, "
            "or ask the operator to raise FARMHAND_CONNECTIONS_PER_TEAM."
        )


def _refuse_taken(org: LinkedOrg) -> None:
    """Two links over one thing would take each job twice."""
    linked = LinkedOrg.objects.filter(forge=org.forge, url__iexact=org.url, unlinked_at=None)
    whole = org.level == LinkedOrg.Level.INSTANCE
    over = Q(name__iexact=org.name) | Q(name__iexact=org.owner) | Q(level=LinkedOrg.Level.INSTANCE)
    inside = Q(name__istartswith=f"{org.name}/")
    taken = linked.filter(Q() if whole else over | inside).first()
    if taken is None:
        return
    if taken.name.lower() == org.name.lower():
        said = f"{org.name} at {org.url} is linked already."
    elif whole:
        said = f"A part of {org.url} is linked already, and would be served twice."
    elif taken.level == LinkedOrg.Level.REPO:
        said = f"{taken.name} at {org.url}, a repository of {org.name}, is linked already, and would be served twice."
    else:
        said = (
            f"{taken.name} at {org.url} is linked already, with all its repositories, {org.name} among them."
        )
    raise ForgeRefused(f"{said} Unlink it there first; one link serves all pools.")
