"""Which pool serves a job, with a VM of which size, or why none. Reads rows, changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from runners.jobs import labels as rules
from runners.models import Pool
from runners.reasons.jobs import ConnectionEnding, NoPool, NotOurs, UnsafeGrid
from tfci.core.prepared_queries import Parameter, Prepared
from tfci.core.reasons import Reason
from tfci.forges import addresses
from tfci.forges.models import Connection
from tfci.grid import registry as grid

POOLS = Prepared(
    Pool.objects.filter(
        team=Parameter("team"), connections=Parameter("connection"), closing_at=None
    ).order_by("position", "pk")
)


def pools_of(connection: Connection) -> list[Pool]:
    """The pools that take jobs of an organisation, in the team's order."""
    if not connection.alive:
        return []
    return POOLS(team=connection.team_id, connection=connection.pk)


@dataclass(frozen=True, slots=True)
class Match:
    """The one pool of a job, or why none; with a pool, `reason` is why the pool can't serve its size. `ours`: whether a
    label of it addresses us at all."""

    pool: Pool | None
    size: str = ""
    reason: Reason | None = None
    ours: bool = True


def match(connection: Connection, repository: str, labels: Iterable[str], pools: Iterable[Pool]) -> Match:
    """First match in the team's order. A refusal by size does not fall through to the next pool; a label that
    one pool does not understand may be another's anchor."""
    labels, pools, refused = tuple(labels), tuple(pools), None
    if not rules.address(labels, [pool.anchors for pool in pools if pool.anchors], settings.ANCHOR):
        return Match(None, reason=NotOurs(), ours=False)
    if not connection.alive:
        return Match(None, reason=ConnectionEnding(connection.noun))
    for pool in pools:
        if not _takes(pool, repository) or not rules.matches(labels, pool.anchors, settings.ANCHOR):
            continue
        answer = rules.read(labels, pool.anchors, settings.ANCHOR, *_sizes(pool), pool.arm64_emulated)
        if isinstance(answer, rules.Size):
            return Match(pool, size=str(answer), reason=_unsafe(connection))
        refused = refused or Match(pool, reason=answer)
        if not answer.elsewhere:
            break
    return refused or Match(None, reason=NoPool())


def _takes(pool: Pool, repository: str) -> bool:
    return not pool.repositories or repository.lower() in [name.lower() for name in pool.repositories]


def _sizes(pool: Pool) -> tuple[rules.Size, rules.SizeLimits]:
    """The pool's default size, and the largest that it serves."""
    offered = [rules.Size.parse(size) for size in pool.sizes]
    return rules.Size.parse(pool.default_size), rules.SizeLimits.over(offered)


def _unsafe(connection: Connection) -> UnsafeGrid | None:
    """Why no VM may run jobs of this forge here; None where one may (design, 8)."""
    if settings.UNSAFE_LOCAL_JOBS or addresses.is_practice_forge(connection.url) or grid.isolates():
        return None
    return UnsafeGrid()
