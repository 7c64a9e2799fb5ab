"""Whether a VM goes on to a further job after a reboot, and the one window in which it may come back.

A window is opened by us and used up by the one claim that comes in it, with a new key: docs/design/design.md, 7.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from runners.models import VM, Refresh, Runner
from runners.reasons.retirements import NodeDrained
from runners.reasons.reuse import PoolClosing, ProtectionDiffers, WasDebugged
from runners.vms import trust
from tfci.core.optional import present
from tfci.core.reasons import Reason
from tfci.grid import drains, registry


def refusal_reason(vm: VM, runner: Runner, now: datetime) -> Reason | None:
    """Why it takes no further job now that this runner's is over; None where it may."""
    pool = vm.pool
    if pool is None or pool.closing_at or vm.typed_retire_reason:
        return vm.typed_retire_reason or PoolClosing()
    if drains.drains(vm.team_id, vm.node_id):
        return NodeDrained(str(vm.node))
    if vm.debug.exists():
        return WasDebugged()
    if pool.protection != vm.protection:
        return ProtectionDiffers()
    history = trust.History(
        protection=vm.protection,
        clean=registry.reboots_clean(),
        reach=_reach(runner),
        event=present(runner.job).event,
        cause=runner.done_cause,
        jobs=vm.runners.exclude(job=None).count(),
        age=now - present(vm.deployed_at),
    )
    return trust.refusal_reason(pool.reuse, history)


def _reach(runner: Runner) -> str:
    """Forges choose by labels among all that a link covers; some bind a runner to its job."""
    if runner.asked_for.handle or runner.connection.level == "repo":
        return trust.REPOSITORY
    return trust.ORGANISATION if runner.connection.level in ("org", "user") else "instance"


def scope(vm: VM, runner: Runner) -> str:
    """Whose jobs it serves from now on."""
    return trust.scope(present(vm.pool).reuse, runner.connection_id, present(runner.job).repository)


def current_refresh(vm: VM) -> Refresh:
    """The row of its present stay in REFRESHING, made where an earlier try has not."""
    return Refresh.objects.get_or_create(vm=vm, began_at=vm.state_changed_at)[0]


def open_window(refresh: Refresh, closes_at: datetime, now: datetime) -> None:
    """From now on its agent is told to end, and one claim may follow."""
    Refresh.objects.filter(pk=refresh.pk, opened_at=None).update(opened_at=now, closes_at=closes_at)


def is_reboot_due(vm_id: int) -> bool:
    """Whether its agent is to end, so that the VM starts anew."""
    return _open_windows(vm_id).exists()


def accept_claim(vm: VM, address: str | None, now: datetime) -> bool:
    """Use its window up for this claim. False where none is open, or the claim comes from elsewhere."""
    if vm.agent_address and address != vm.agent_address:
        return False
    if not _open_windows(vm.pk).filter(closes_at__gte=now).update(claimed_at=now):
        return False
    last = vm.runners.exclude(job=None).order_by("-pk").values("pk")[:1]
    Runner.objects.filter(pk__in=last).update(
        tail=vm.tail
    )  # what the VM prints from now on belongs to the next job
    return True


def duration(refresh: Refresh) -> timedelta:
    """From the end of the job before to the new agent's claim."""
    return present(refresh.claimed_at) - refresh.began_at


def _open_windows(vm_id: int) -> QuerySet[Refresh]:
    return Refresh.objects.filter(vm=vm_id, claimed_at=None).exclude(opened_at=None)
