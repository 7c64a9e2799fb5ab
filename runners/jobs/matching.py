"""Which pool serves a job, with a machine of which size, or why none. Reads rows, changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from runners.jobs import labels as rules
from runners.models import Pool
from tfci.core.prepared_queries import Given, Prepared
from tfci.forges import addresses
from tfci.forges.models import LinkedOrg
from tfci.grid import registry as grid

POOLS = Prepared(
    Pool.objects.filter(team=Given("team"), orgs=Given("org"), closing_at=None).order_by("position", "pk")
)


NOT_OURS = "none of its labels addresses a pool of this team, so it is left to other runners"


def pools_of(org: LinkedOrg) -> list[Pool]:
    """The pools that take jobs of an organisation, in the team's order."""
    if not org.alive:
        return []
    return POOLS(team=org.team_id, org=org.pk)


@dataclass(frozen=True, slots=True)
class Match:
    """The one pool of a job, or why none; with a pool, `why` says why the pool can't serve its size. `ours`: whether a
    label of it addresses us at all."""

    pool: Pool | None
    size: str = ""
    why: str = ""
    ours: bool = True


def match(org: LinkedOrg, repository: str, labels: Iterable[str], pools: Iterable[Pool]) -> Match:
    """First match in the team's order. A refusal by size does not fall through to the next pool; a label that
    one pool does not understand may be another's anchor."""
    labels, pools, refused = tuple(labels), tuple(pools), None
    if not rules.address(labels, [pool.anchors for pool in pools if pool.anchors], settings.ANCHOR):
        return Match(None, why=NOT_OURS, ours=False)
    if not org.alive:
        return Match(None, why=f"its {org.noun} is being unlinked")
    for pool in pools:
        if not _takes(pool, repository) or not rules.matches(labels, pool.anchors, settings.ANCHOR):
            continue
        answer = rules.read(labels, pool.anchors, settings.ANCHOR, *_sizes(pool), pool.arm64_emulated)
        if isinstance(answer, rules.Served):
            return Match(pool, size=str(answer.size), why=_unsafe(org))
        refused = refused or Match(pool, why=answer.why)
        if not answer.elsewhere:
            break
    return refused or Match(
        None, why="no pool of the team asks for jobs with these labels in this repository"
    )


def _takes(pool: Pool, repository: str) -> bool:
    return not pool.repositories or repository.lower() in [name.lower() for name in pool.repositories]


def _sizes(pool: Pool) -> tuple[rules.Size, rules.Limits]:
    """The pool's default size, and the largest that it serves."""
    offered = [rules.Size.parse(size) for size in pool.sizes]
    return rules.Size.parse(pool.default_size), rules.Limits.over(offered)


def _unsafe(org: LinkedOrg) -> str:
    """Why no machine may run jobs of this forge here; "" where one may (design, 8)."""
    if settings.UNSAFE_LOCAL_JOBS or addresses.is_practice_forge(org.url) or grid.isolates():
        return ""
    return (
        "the simulated grid isolates nothing, so jobs of a real forge do not run on it; "
        "the operator can allow it with FARMHAND_UNSAFE_LOCAL_JOBS=1"
    )
