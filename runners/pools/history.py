"""What a pool decided, with the numbers that it saw: kept while they are news, so that people can read why."""

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from runners.models import Event, Pool
from runners.pools import plans
from runners.reasons.waits import WaitReason

BATCH = 10_000  # rows that one sweep forgets
NUMBERS = re.compile(r"\d+")


def record(pool: Pool, plan: plans.Plan, seen: plans.PoolSeen, now: datetime) -> None:
    """An event for what was done; for jobs that are only held back, one when the reason for it is new."""
    did, reasons = _did(plan), sorted({*map(str, _reasons(plan)), *plan.retire.values()})
    if not did:
        return
    machines = [machine for machine in seen.machines if machine.state != plans.UNPLACED]
    standing = sum(machine.state == plans.READY for machine in machines)
    facts = f"{_demand(seen)}, {standing} standing by, {len(machines)} of {pool.max_vms} machines"
    decision = f"{did}: {'; '.join([*reasons, facts])}"
    if plan.acts or _kind(decision) != _kind(pool.decision):
        Event.objects.create(team_id=pool.team_id, pool=pool, why=decision, at=now)
        Pool.objects.filter(pk=pool.pk).update(decided_at=now, decision=decision)


def _demand(seen: plans.PoolSeen) -> str:
    refused = sum(demand.refused for demand in seen.demands)
    queued = f"{len(seen.demands) - refused} queued"
    return f"{queued}, {refused} refused" if refused else queued


def _reasons(plan: plans.Plan) -> Iterable[WaitReason]:
    return chain(plan.held_up.values(), plan.not_ready.values())


def say(pool: Pool, why: str, now: datetime) -> None:
    """One that no plan made."""
    Event.objects.create(team_id=pool.team_id, pool=pool, why=why, at=now)


def forget(before: datetime) -> None:
    """The events of pools that are older."""
    old = Event.objects.filter(pool__isnull=False, vm=None, job=None, at__lt=before).order_by("pk")
    Event.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()


def _did(plan: plans.Plan) -> str:
    counts = {
        "bound": plan.bind,
        "wanted": plan.start,
        "retired": plan.retire,
        "held back": plan.held_up,
        "not kept ready": plan.not_ready,
    }
    return ", ".join(f"{verb} {len(what)}" for verb, what in counts.items() if what).capitalize()


def _kind(decision: str) -> str:
    """Two of a kind differ in their numbers alone."""
    return NUMBERS.sub("0", decision)
