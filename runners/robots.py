"""A pool as a configuration for tfrobot, and its groups as pools."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from runners import pools
from runners.models import Pool
from runners.news import News
from runners.rules import robotfile
from runners.rules.labels import Size
from runners.rules.robotfile import Group
from tfci.forges.models import LinkedOrg
from tfci.grid import connect


@dataclass(frozen=True, slots=True)
class Draft:
    """A pool that is checked and not made yet, and what it is for."""

    pool: Pool
    orgs: Iterable[LinkedOrg]


def exported(pool: Pool, ssh_key: str = "", counts: Mapping[Size, int] | None = None) -> str:
    """YAML that tfrobot accepts, without a secret; with these machines in place of those that are kept ready. Raises
    robotfile.Impossible."""
    region, notes = _region(pool)
    group = Group(
        robotfile.group_name(pool.name),
        counts or machines(pool),
        nodes=pool.min_distinct_nodes,
        certified=bool((pool.nodes.get("rule") or {}).get("certified")),
        region=region,
    )
    above = [
        f"The pool {pool.name} of Farmhand. Put your own SSH key and image in.",
        *([] if counts else _left_out(pool)),
        *notes,
    ]
    return robotfile.write([group], network=connect.network(), ssh_key=ssh_key, notes=above)


def tried(pool: Pool, counts: Mapping[Size, int]) -> tuple[str, str]:
    """The file of these machines, or why tfrobot can't be asked for them; both "" where there are none."""
    try:
        return (exported(pool, counts=counts), "") if counts else ("", "")
    except robotfile.Impossible as error:
        return "", str(error)


def machines(pool: Pool) -> dict[Size, int]:
    """As many of each size as are kept ready; tfrobot makes no machine on demand, so one of each where none is."""
    kept = {Size.parse(size): count for size, count in pool.min_vms.items() if count}
    return kept or {Size.parse(size): 1 for size in pool.sizes}


def _region(pool: Pool) -> tuple[str, list[str]]:
    """tfrobot can be told one region, in small letters, or none."""
    regions = pool.nodes.get("regions", [])
    if len(regions) == 1 and not any(pool.nodes.get(key) for key in ("ids", "farms", "countries")):
        return regions[0].lower(), []
    named = [f"{key} {', '.join(map(str, pool.nodes[key]))}" for key in _CHOICES if pool.nodes.get(key)]
    return "", [
        f"Left out: {'; '.join(named)}. tfrobot can be told one region, and no node."
    ] if named else []


_CHOICES = ("ids", "farms", "countries", "regions")


def _left_out(pool: Pool) -> list[str]:
    if any(pool.min_vms.values()):
        return ["One machine more, or fewer, is its vms_count: tfrobot makes none on demand."]
    return ["The pool keeps none ready; here is one machine of each size, for tfrobot makes none on demand."]


@transaction.atomic
def make(drafts: Iterable[Draft], who: Any, now: datetime) -> News:
    """All of these pools, or none. Raises pools.Taken."""
    news = News()
    for draft in drafts:
        news.add(pools.make(draft.pool, draft.orgs, who, now))
    return news
