"""What people do with organisations: link, give a new token, check, unlink. The deed, with its audit entry.

The look outside comes first and outside of any transaction.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from runners.world import World
from tfci.accounts import audit
from tfci.forges import orgs
from tfci.forges.models import LinkedOrg
from tfci.forges.ports import Refused
from tfci.secret import Secret


def link(team, asked: Mapping[str, Any], world: World, who: Any, now: datetime) -> LinkedOrg:
    """`asked`: forge, url, name, token, way, as forms.LinkForm cleans them. Raises ForgeError with sentences."""
    org = orgs.draft(team, **asked, now=now)
    orgs.link(org, world.forge(org), now)
    audit.record(team, who, "orgs.link", f"{org.name} at {org.url}", after={"way": org.way}, at=now)
    return org


def renew(org: LinkedOrg, token: Secret, world: World, who: Any, now: datetime) -> LinkedOrg:
    """Take another token, once it proves to be enough. Raises ForgeError, and then the old one stays."""
    org.token = token
    forge = world.forge(org)
    if missing := forge.check().missing:
        raise Refused("\n".join(missing))
    with transaction.atomic():
        if not LinkedOrg.objects.filter(pk=org.pk, unlinking_at=None).update(token=token):
            raise Refused(f"{org} is being unlinked, so it takes no other token.")
        audit.record(org.team, who, "orgs.link", f"{org.name} at {org.url}", why="new token", at=now)
    return orgs.check(org, forge, now)


def check(org: LinkedOrg, world: World, now: datetime) -> LinkedOrg:
    """Look again at its forge; what is to be mended then stands in `trouble`."""
    return orgs.check(org, world.forge(org), now)


@transaction.atomic
def unlink(org: LinkedOrg, who: Any, now: datetime) -> bool:
    """Begin to drain it; tasks.unlink goes on. False when that had begun before."""
    fresh = LinkedOrg.objects.select_for_update().get(pk=org.pk)
    if not fresh.alive:
        return False
    orgs.begin_unlink(org, now)
    org.unlinking_at = now
    audit.record(org.team, who, "orgs.link", f"{org.name} at {org.url}", why="unlinked", at=now)
    return True
