"""What people do with organisations, users and repositories of forges: link, give a new token, check, unlink. The deed,
with its audit entry.

The look outside comes first and outside of any transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from runners.connections import polling
from runners.gateways import World
from runners.jobs import backoff
from tfci.accounts import audit
from tfci.core.secret import Secret
from tfci.forges import authority, installations, orgs, registry
from tfci.forges.app_ports import Claim
from tfci.forges.errors import ForgeRefused
from tfci.forges.models import GitHubApp, LinkedOrg
from tfci.forges.ports import Forge, SendsWebhooks


def link(team, asked: Mapping[str, Any], world: World, who: Any, now: datetime) -> LinkedOrg:
    """`asked`: as forms.LinkForm cleans it. Raises ForgeError with sentences."""
    org = orgs.draft(team, **asked, now=now)
    orgs.link(org, world.forge(org), now)
    after = {"level": org.level, "way": org.way}
    audit.record(team, who, "orgs.link", f"{org.name} at {org.url}", after=after, at=now)
    return org


@transaction.atomic
def link_by_app(team, app: GitHubApp, claim: Claim, who: Any, now: datetime) -> LinkedOrg:
    """Link what somebody has proven to own at GitHub. No outside call. Raises ForgeRefused."""
    org = installations.link(team, app, claim, now)
    after = {"level": org.level, "by": f"the App {app.name}"}
    audit.record(team, who, "orgs.link", f"{org.name} at {org.url}", after=after, at=now)
    return org


def renew(org: LinkedOrg, token: Secret, world: World, who: Any, now: datetime) -> LinkedOrg:
    """Take another token, once it proves to be enough. Raises ForgeError, and then the old one stays."""
    _has_own_token(org)
    org.token = token
    forge = _called(org, world)
    if missing := forge.check().missing:
        raise ForgeRefused("\n".join(missing))
    with transaction.atomic():
        if not LinkedOrg.objects.filter(pk=org.pk, unlinking_at=None).update(token=token):
            raise ForgeRefused(f"{org} is being unlinked, so it takes no other token.")
        audit.record(org.team, who, "orgs.link", f"{org.name} at {org.url}", why="new token", at=now)
    return _checked(org, forge, now)


def listen(org: LinkedOrg, way: str, world: World, who: Any, now: datetime) -> LinkedOrg:
    """Hear of its jobs by webhook and poll, or by polling only. Raises ForgeError, and then all stays as it was."""
    _has_own_token(org)
    if way == LinkedOrg.Way.WEBHOOK and not registry.kind(org.forge).webhooks:
        raise ForgeRefused(
            f"{registry.kind(org.forge).title} sends no webhooks, so its jobs are found by polling."
        )
    forge = _called(org, world)
    webhooks = registry.as_one_that(org, forge, SendsWebhooks)
    if webhooks and way == LinkedOrg.Way.POLL and org.hook_id:
        webhooks.unhook(org.hook_id)
    with transaction.atomic():
        told = {"way": org.way}, {"way": way}
        org.way, org.hook_id = way, "" if way == LinkedOrg.Way.POLL else org.hook_id
        org.save(update_fields=["way", "hook_id"])
        on = f"{org.name} at {org.url}"
        audit.record(org.team, who, "orgs.link", on, before=told[0], after=told[1], at=now)
    return orgs.check(org, forge, now)


def change(org: LinkedOrg, asked: Mapping[str, str], world: World, who: Any, now: datetime) -> LinkedOrg:
    """Put its runners into another `runner_group`, trust another `authority`. Raises ForgeError, and then all stays as
    it was."""
    after = _changed(org, asked, now)
    before = {name: getattr(org, name) for name in after}
    for name, value in after.items():
        setattr(org, name, value)
    forge = _called(org, world)
    if missing := forge.check().missing:
        raise ForgeRefused("\n".join(missing))
    with transaction.atomic():
        org.save(update_fields=list(after))
        on = f"{org.name} at {org.url}"
        audit.record(org.team, who, "orgs.link", on, before=_told(before), after=_told(after), at=now)
    return _checked(org, forge, now)


def _changed(org: LinkedOrg, asked: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What would be another: browsers write other ends of lines. Raises ForgeRefused."""
    said = {name: "\n".join(text.split("\r\n")).strip() for name, text in asked.items()}
    after = {name: text for name, text in said.items() if text != getattr(org, name).strip()}
    if after.get("runner_group") and not registry.kind(org.forge).engine.runner_groups:
        raise ForgeRefused(f"{registry.kind(org.forge).title} has no runner groups.")
    if "authority" in after:
        _has_own_token(org)
        after["authority"] = orgs.trusted(after["authority"], now)
    return after


def _told(said: Mapping[str, str]) -> Mapping[str, str]:
    """As the audit log has it: an authority by its name."""
    pem = said.get("authority")
    return {**said, "authority": authority.known(pem).name} if pem else said


def _has_own_token(org: LinkedOrg) -> None:
    """Raises ForgeRefused for one that an App stands for, with its token and its webhook."""
    if org.installation_id:
        raise ForgeRefused(f"{org} is linked by an App, which has its own token and webhook.")


def check(org: LinkedOrg, world: World, now: datetime) -> LinkedOrg:
    """Look again at its forge; what is to be mended then stands in `trouble`. Raises Busy."""
    return _checked(org, _called(org, world), now)


def _called(org: LinkedOrg, world: World) -> Forge:
    """A person asks: then one that was left alone is called."""
    org.retry_at = None
    return world.forge(org)


def _checked(org: LinkedOrg, forge: Forge, now: datetime) -> LinkedOrg:
    """What a person has mended need not wait for our next try."""
    orgs.check(org, forge, now)
    if not org.trouble:
        backoff.offer_again(org)
        polling.poll_soon(org, now)
    return org


@transaction.atomic
def unlink(org: LinkedOrg, who: Any, now: datetime) -> bool:
    """Begin to drain it; the sweep goes on. False when that had begun before."""
    fresh = LinkedOrg.objects.select_for_update().get(pk=org.pk)
    if not fresh.alive:
        return False
    orgs.begin_unlink(org, now)
    org.unlinking_at = now
    audit.record(org.team, who, "orgs.link", f"{org.name} at {org.url}", why="unlinked", at=now)
    return True
