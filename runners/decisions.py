"""What a pool decided, with the numbers that it saw: kept while they are news, so that people can read why."""

import re
from collections.abc import Sequence
from datetime import datetime

from runners.models import Event, Pool
from runners.rules import planning

BATCH = 10_000  # rows that one sweep forgets
NUMBERS = re.compile(r"\d+")


def record(
    pool: Pool,
    plan: planning.Plan,
    demands: Sequence[planning.Demand],
    machines: Sequence[planning.Machine],
    now: datetime,
) -> None:
    """An event for what was done; for jobs that are only held back, one when the reason for it is new."""
    did, reasons = _did(plan), sorted({*plan.held_up.values(), *plan.retire.values()})
    if not did:
        return
    standing = sum(machine.state == planning.READY for machine in machines)
    facts = f"{len(demands)} queued, {standing} standing by, {len(machines)} of {pool.max_vms} machines"
    decision = f"{did}: {'; '.join([*reasons, facts])}"
    if plan.acts or _kind(decision) != _kind(pool.decision):
        Event.objects.create(team_id=pool.team_id, pool=pool, why=decision, at=now)
        Pool.objects.filter(pk=pool.pk).update(decided_at=now, decision=decision)


def say(pool: Pool, why: str, now: datetime) -> None:
    """One that no plan made."""
    Event.objects.create(team_id=pool.team_id, pool=pool, why=why, at=now)


def forget(before: datetime) -> None:
    """The events of pools that are older."""
    old = Event.objects.filter(pool__isnull=False, vm=None, job=None, at__lt=before).order_by("pk")
    Event.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()


def _did(plan: planning.Plan) -> str:
    counts = {"bound": plan.bind, "wanted": plan.want, "retired": plan.retire, "held back": plan.held_up}
    return ", ".join(f"{verb} {len(what)}" for verb, what in counts.items() if what).capitalize()


def _kind(decision: str) -> str:
    """Two of a kind differ in their numbers alone."""
    return NUMBERS.sub("0", decision)
