"""When a VM is given up for lost, and what is said of it."""

from datetime import timedelta

import pytest

from runners.engine import To
from runners.jobs import failure_advice, timeline, wait_reason
from runners.models import VM, Event
from runners.reasons import vm_ends
from runners.reasons.ends import VmLost
from runners.vms import liveness
from tests.builders import NOON, a_node, a_pool, a_vm, an_ended_job
from tfci.core.reasons import Other, columns
from tfci.grid.models import Node

pytestmark = pytest.mark.django_db

WELL, DOWN, SICK = {}, {"up": False}, {"healthy": False}


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def found(seconds, runs=False, seen=None, **node):
    """What becomes of a VM whose agent spoke last at noon, so many seconds later; we looked at the grid then."""
    there = a_node(seen_at=later(seconds if seen is None else seen), **node)
    vm = a_vm("busy" if runs else "standby", node=there)
    return liveness.end(vm, later(seconds), runs=runs), there


@pytest.mark.parametrize(
    ("runs", "node", "patience"),
    [
        (False, WELL, 120),
        (False, DOWN, 60),
        (False, SICK, 60),
        (True, WELL, 300),
        (True, DOWN, 120),
        (True, SICK, 120),
    ],
)
def test_a_job_gets_longer_than_a_vm_without_and_less_where_the_grid_misses_the_node_too(
    runs, node, patience
):
    assert found(patience, runs, **node)[0] is None
    assert found(patience + 1, runs, **node)[0].state == "removing"


def test_it_is_said_who_misses_it():
    assert found(121)[0] == To("removing", vm_ends.AgentSilent(2))
    lost, node = found(121, up=False)
    assert lost == To("removing", vm_ends.NodeMissing(str(node), 1, True), {"died_at": later(121)})
    lost, node = found(121, runs=True, healthy=False)
    assert lost.reason == vm_ends.NodeMissing(str(node), 2, False)


def test_a_node_on_which_all_our_vms_fall_silent_is_lost_whatever_the_grid_says():
    node = a_node(seen_at=later(301))
    vm, other = a_vm("busy", node=node), a_vm("standby", node=node, last_heartbeat_at=later(9))
    lost = liveness.end(vm, later(301), runs=True)
    assert lost.reason == vm_ends.NodeSilent(str(node), 5)
    VM.objects.filter(pk=other.pk).update(last_heartbeat_at=later(290))
    assert liveness.end(vm, later(301), runs=True).reason == vm_ends.AgentSilent(5)


def test_no_vm_pays_for_a_time_in_which_we_were_away():
    assert found(3600, seen=0)[0] is None
    a_vm("standby", last_heartbeat_at=later(3600))  # who was heard since
    assert found(3600, seen=0)[0] is not None


def test_a_vm_that_the_grid_calls_dead_is_lost_at_once():
    vm = a_vm("busy", died_at=NOON)
    assert liveness.end(vm, NOON, runs=True) == To("removing", vm_ends.NodeLostVm(str(vm.node)))


def test_a_job_on_a_lost_node_says_so_and_that_it_was_not_its_code():
    pool, why = a_pool(), "node lost: the grid reports node 7 as down"
    vm = a_vm("gone", pool, died_at=NOON)
    Event.objects.create(
        vm=vm, was="busy", now="removing", **columns(Other(why)), at=NOON - timedelta(minutes=1)
    )
    [job] = timeline.read([an_ended_job(pool, vm, end={})])
    assert wait_reason.cause(job, timeline.Usual(), NOON) == wait_reason.Cause(VmLost(why))
    assert failure_advice.remedy(job).reason == VmLost(why)


def test_its_last_word_counts_before_the_first_beat():
    Node.objects.all().delete()
    vm = a_vm("standby", node=a_node(seen_at=later(121)), claimed_at=later(10), last_heartbeat_at=None)
    assert liveness.end(vm, later(121), runs=False) is None
