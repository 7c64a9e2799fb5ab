"""The engine under every life: take a row that is due, run its state, move it or let it wait.

Schedule (`next_step_at`) and lease (`leased_until`) are two columns: a nudge may make a row due
while a worker still holds it. See docs/design/design.md, 3.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from runners.gateways import Gateways
from runners.models import VM, Event
from runners.models.vm import VMQuerySet
from runners.queue.effects import Effects
from tfci.core import reasons
from tfci.core.leases import lease
from tfci.core.reasons import Reason

LEASE = timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class To:
    """Leave the state. `columns` are written with the move; `effects` follow from what the step learned."""

    state: str
    reason: Reason
    columns: Mapping[str, Any] = field(default_factory=dict)
    effects: Effects = field(default_factory=Effects)


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay, and look again after `seconds` at the latest. `reason` is what the page shows meanwhile."""

    seconds: float
    reason: Reason
    effects: Effects = field(default_factory=Effects)


State = Callable[[VM, Gateways, datetime], To | Wait]


def lease_due(vm_id: int, now: datetime) -> VM | None:
    """Lease a VM that is due and free."""
    end = now + LEASE
    due = Q(next_step_at__lte=now, leased_until__lte=now) & ~Q(state=VM.State.GONE)
    rows = VM.objects.select_related("pool", "node", "quote")
    return lease(rows, due, vm_id, leased_until=end, next_step_at=end)


def run(vm: VM, states: Mapping[str, State], gateways: Gateways, now: datetime) -> To | Wait:
    """One step. A crash in it leaves the lease to expire by itself; the next worker checks first."""
    outcome = states[vm.state](vm, gateways, now)
    match outcome:
        case To():
            move(vm, outcome, now)
        case Wait():
            wait(vm, outcome, now)
        case _:
            raise TypeError(f"{vm.state} answered {outcome!r}, neither To nor Wait")
    return outcome


def leased_row(vm: VM) -> QuerySet[VM]:
    """The row, while it is still as we leased it."""
    return VM.objects.filter(pk=vm.pk, state=vm.state, leased_until=vm.leased_until)


def reason_columns(reason: Reason) -> dict[str, Any]:
    """A reason as the columns of a row."""
    return reasons.columns(reason)


def note(vm: VM, **columns: Any) -> bool:
    """Write facts in the middle of a step, while the lease is ours; False when it was lost."""
    if not leased_row(vm).update(**columns):
        return False
    for name, value in columns.items():
        setattr(vm, name, value)
    return True


@transaction.atomic
def move(vm: VM, to: To, now: datetime) -> bool:
    """Compare-and-set with its event, and the lease given back. False when the lease was lost."""
    moved = leased_row(vm).update(
        state=to.state,
        state_changed_at=now,
        next_step_at=now,
        leased_until=now,
        **reason_columns(to.reason),
        **to.columns,
    )
    if moved:
        event(vm, to.reason, now, was=vm.state, now=to.state).save()
    return bool(moved)


def wait(vm: VM, wait: Wait, now: datetime) -> None:
    """Give the lease back; sleep, unless a nudge came during the step."""
    later = now + timedelta(seconds=wait.seconds)
    unnudged = When(next_step_at=vm.next_step_at, then=Value(later))
    step = Case(unnudged, default=F("next_step_at"))
    leased_row(vm).update(leased_until=now, next_step_at=step, **reason_columns(wait.reason))


def nudge(vms: VMQuerySet, now: datetime) -> int:
    """Make VMs due, whoever holds them. Use it in the transaction that writes the fact or request."""
    return vms.alive().update(next_step_at=now)


def record_event(vm: VM, reason: Reason, now: datetime) -> None:
    """Note what happened to the VM without moving it."""
    event(vm, reason, now).save()


def event(vm: VM, reason: Reason, at: datetime, **states: str) -> Event:
    """Not saved. `states`: `was` and `now`, where it moved."""
    owner = {"team_id": vm.team_id, "pool_id": vm.pool_id, "vm": vm}
    return Event(at=at, **owner, **states, **reason_columns(reason))
