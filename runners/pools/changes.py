"""Create, change and close pools: one transaction each, with its audit entry and what follows for the jobs."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict

from billing.spending import changes as spending_limits
from runners.jobs import assignment
from runners.models import Pool, Server
from runners.queue.effects import Effects
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team
from tfci.forges.models import Connection

FIELDS = [  # what people set of a pool; the rest of its row is ours
    *("name", "repositories", "anchors", "nodes", "min_distinct_nodes", "sizes", "default_size", "min_vms"),
    *("schedule", "max_vms", "max_job_minutes", "linger_minutes", "position", "protection", "reuse"),
    *("cpu_target", "cpu_minutes"),
    *("container_image", "rerun_lost", "end_jobs_at_limit", "arm64_emulated"),
]

PoolChange = Callable[..., Effects]  # create, change


class PoolNameTaken(Exception):
    """The team has a pool of that name."""


def create(pool: Pool, connections: Iterable[Connection], who: audit.Actor, now: datetime) -> Effects:
    """Save a new pool for these organisations. Raises PoolNameTaken."""
    pool.created_at = now
    return _save(pool, connections, who, None, now)


def change(pool: Pool, connections: Iterable[Connection], who: audit.Actor, now: datetime) -> Effects:
    """Save a pool's new values. Raises PoolNameTaken."""
    return _save(pool, connections, who, _audit_values(Pool.objects.get(pk=pool.pk)), now)


def _save(
    pool: Pool,
    connections: Iterable[Connection],
    who: audit.Actor,
    before: dict[str, Any] | None,
    now: datetime,
) -> Effects:
    try:
        with transaction.atomic():
            pool.save(update_fields=FIELDS if before else None)
            pool.connections.set(connections)
            action = Action.POOL_CHANGED if before else Action.POOL_CREATED
            audit.record(pool.team, who, action, pool, before=before, after=_audit_values(pool), at=now)
            effects = assignment.rematch(pool.team)
    except IntegrityError as error:
        if "one_pool_of_a_name" in str(error):
            raise PoolNameTaken from None
        raise
    effects.pools.add(pool.pk)
    return effects


@transaction.atomic
def move(pool: Pool, step: int, who: audit.Actor, now: datetime) -> Effects:
    """Move it one place up (-1) or down (1); nothing changes at the ends. All places are counted anew."""
    order = list(Pool.objects.of(pool.team).select_for_update().filter(closing_at=None, closed_at=None))
    order.sort(key=lambda one: (one.position, one.pk))
    index = order.index(pool)
    if not 0 <= index + step < len(order):
        return Effects()
    order.insert(index + step, order.pop(index))
    for place, one in enumerate(order):
        if one.position != place:
            Pool.objects.filter(pk=one.pk).update(position=place)
    names = [one.name for one in order]
    audit.record(pool.team, who, Action.POOL_MOVED, pool, after={"order": ", ".join(names)}, at=now)
    return assignment.rematch(pool.team)


@transaction.atomic
def close(pool: Pool, who: audit.Actor, now: datetime) -> Effects:
    """From now on it takes no job; the sweep drains it. What runs may end. Closing twice changes nothing."""
    if not Pool.objects.filter(pk=pool.pk, closing_at=None).update(closing_at=now):
        return Effects()
    pool.closing_at = now
    audit.record(pool.team, who, Action.POOL_DELETED, pool, before=_audit_values(pool), at=now)
    spending_limits.delete_of_pool(pool.team, pool.pk, pool.name, who, now)
    effects = assignment.rematch(pool.team)
    effects.pools.add(pool.pk)
    return effects


def after_limits(team: Team) -> Effects:
    """After a change of its spending limits: its pools, which are planned together, and its servers decide at once."""
    pools = Pool.objects.of(team).filter(closed_at=None).order_by("pk").values_list("pk", flat=True)
    servers = Server.objects.of(team).filter(closed_at=None).values_list("pk", flat=True)
    return Effects(pools=set(pools[:1]), servers=set(servers))


def _audit_values(pool: Pool) -> dict[str, Any]:
    """The values for the audit log."""
    return model_to_dict(pool, FIELDS) | {
        "connections": sorted(pool.connections.values_list("name", flat=True))
    }
