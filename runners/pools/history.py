"""What a pool decided, with the numbers that it saw: kept while they are new, so that people can read why."""

from datetime import datetime
from typing import Any

from runners.models import Event, Pool
from runners.pools import plans
from runners.reasons.pools import Planned, PoolReason
from tfci.core.reasons import Reason, columns

BATCH = 10_000  # rows that one sweep deletes


def record(pool: Pool, plan: plans.Plan, seen: plans.PoolSeen, now: datetime) -> None:
    """An event for what was done; for jobs that are only held back, one when the reason for it is new."""
    planned = _planned(pool, plan, seen)
    if not planned.counts:
        return
    before = pool.typed_reason
    if plan.changes_vms or not isinstance(before, Planned) or planned.kind != before.kind:
        note(pool, planned, now)
        Pool.objects.filter(pk=pool.pk).update(decided_at=now, **columns(planned))


def note(pool: Pool, reason: PoolReason, now: datetime) -> None:
    Event.objects.create(team_id=pool.team_id, pool=pool, at=now, **columns(reason))


def delete_before(before: datetime) -> None:
    """Delete the events of pools that are older."""
    old = Event.objects.filter(pool__isnull=False, vm=None, job=None, at__lt=before).order_by("pk")
    Event.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()


def _planned(pool: Pool, plan: plans.Plan, seen: plans.PoolSeen) -> Planned:
    vms = [one for one in seen.vms if one.state != plans.UNPLACED]
    refused = sum(demand.refused for demand in seen.demands)
    return Planned(
        bound=len(plan.bind),
        wanted=len(plan.start),
        retired=len(plan.retire),
        held_back=len(plan.held_up),
        not_kept_ready=len(plan.not_ready),
        queued=len(seen.demands) - refused,
        refused=refused,
        standing_by=sum(vm.state == plans.READY for vm in vms),
        vms=len(vms),
        max_vms=pool.max_vms,
        reasons=_reasons(plan),
    )


def _reasons(plan: plans.Plan) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Each once."""
    found: set[Reason] = {*plan.held_up.values(), *plan.not_ready.values(), *plan.retire.values()}
    return tuple((str(reason.code), reason.params) for reason in sorted(found, key=str))
