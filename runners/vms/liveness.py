"""Whether a VM must be given up for lost, and why: its grid reports it, or its agent has not reported for too long
while we were listening."""

from datetime import datetime, timedelta

from django.db.models import Max, QuerySet

from runners.engine import To
from runners.models import VM
from runners.reasons import vm_ends
from tfci.core.optional import present
from tfci.grid import nodes
from tfci.grid.models import Node

# How long an agent may stay silent: by whether a job runs, and by whether the grid calls its node up and healthy. A job
# may well go on where only the line to us is broken, so it gets longer, unless the grid misses the node too.
TIMEOUTS = {
    (False, True): timedelta(minutes=2),
    (False, False): timedelta(minutes=1),
    (True, True): timedelta(minutes=5),
    (True, False): timedelta(minutes=2),
}
REPORTING = (VM.State.STANDBY, VM.State.ASSIGNED, VM.State.BUSY, VM.State.SERVING)


def end(vm: VM, now: datetime, *, runs: bool = False, keeps_data: bool = False) -> To | None:
    """The end of a VM that is lost, with its node's record marked, so that none follows it there at once; None while it
    is not lost. `runs`: whether it has work; `keeps_data`: its data would go with it, so its own silence is not enough,
    for only the line to us may be broken."""
    lost = (
        To("removing", vm_ends.NodeLostVm(str(vm.node)))
        if vm.died_at
        else _silent(vm, now, runs=runs, keeps_data=keeps_data)
    )
    if lost:
        nodes.record_failure(present(vm.node_id), lost.reason, now)
    return lost


def _silent(vm: VM, now: datetime, *, runs: bool, keeps_data: bool) -> To | None:
    node = present(vm.node)
    healthy = node.up and node.healthy
    last_report, timeout = max(filter(None, [vm.last_heartbeat_at, vm.claimed_at])), TIMEOUTS[runs, healthy]
    if now - last_report <= timeout or _listening_until(node) - last_report <= timeout:
        return None
    minutes = timeout // timedelta(minutes=1)
    if not healthy:
        return To("removing", vm_ends.NodeMissing(str(node), minutes, not node.up), {"died_at": now})
    if _all_neighbours_silent(vm, last_report):
        return To("removing", vm_ends.NodeSilent(str(node), minutes), {"died_at": now})
    return None if keeps_data else To("removing", vm_ends.AgentSilent(minutes))


def _listening_until(node: Node) -> datetime:
    """Until when we are known to have been listening: we read the grid, or another VM reported. So that no VM is given
    up for a time in which we were down ourselves."""
    newest = VM.objects.filter(state__in=REPORTING).aggregate(newest=Max("last_heartbeat_at"))["newest"]
    return max(filter(None, [node.seen_at, newest]))


def _all_neighbours_silent(vm: VM, since: datetime) -> bool:
    """Whether it has neighbours, and none of them reported after it."""
    neighbours: QuerySet[VM] = VM.objects.filter(node=vm.node_id, state__in=REPORTING).exclude(pk=vm.pk)
    return (
        neighbours.exists()
        and not neighbours.filter(last_heartbeat_at__gt=since + timedelta(seconds=30)).exists()
    )
