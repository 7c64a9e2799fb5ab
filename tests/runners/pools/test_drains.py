"""A node that a team empties: what goes, what may end, and that nothing new comes."""

import pytest

from runners.engine import To
from runners.models import VM, Pool, Reuse
from runners.pools import drains as pool_drains, reconcile
from runners.reasons.retirements import NodeDrained
from runners.reasons.waits import NoNodeNow
from runners.tasks import upkeep
from runners.vms import lifecycle, reuse
from tests.builders import NOON, a_job, a_node, a_pool, a_price, a_runner, a_team, a_vm, a_wallet
from tests.worlds import a_world
from tfci.accounts.models import AuditEntry
from tfci.grid import drains

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool():
    return a_pool()


@pytest.fixture
def node():
    return a_node()


def drain(node, pool):
    return pool_drains.drain(node, pool.team, "kim", NOON).vms


def a_queued(pool):
    return a_job(pool.connections.get(), pool=pool)


def wishes():
    return dict(VM.objects.values_list("pk", "retire_reason"))


def test_what_stands_by_goes_and_what_runs_ends_undisturbed(node, pool):
    states = ("deploying", "booting", "standby", "assigned", "busy", "removing", "gone")
    vms = {state: a_vm(state, pool, node=node) for state in states}
    elsewhere = a_vm("standby", pool)
    other = a_vm("standby", node=node)
    due = drain(node, pool)
    assert due == {vms[state].pk for state in ("deploying", "booting", "standby", "assigned")}
    assert {pk for pk, why in wishes().items() if why == "node_drained"} == due
    assert not wishes()[elsewhere.pk] and not wishes()[other.pk]


def test_nothing_of_the_team_starts_there_and_the_wait_says_why(node, pool):
    a_price()
    drain(node, pool)
    mine, others = a_queued(pool), a_queued(a_pool())
    for job in (mine, others):
        a_wallet(job.team)
        reconcile.run(job.pool_id, NOON)
        job.refresh_from_db()
    assert others.awaits.node == node
    assert mine.typed_reason == NoNodeNow(1, (("drained", 0, 1),))


def test_used_again_it_takes_vms_again(node, pool):
    a_price()
    drain(node, pool)
    assert drains.end(node, pool.team, "kim", NOON)
    assert not drains.end(node, pool.team, "kim", NOON)
    job = a_queued(pool)
    a_wallet(pool.team)
    reconcile.run(pool.pk, NOON)
    job.refresh_from_db()
    assert job.awaits.node == node


def test_both_are_in_the_audit_log_once(node, pool):
    drain(node, pool)
    drain(node, pool)
    drains.end(node, pool.team, "kim", NOON)
    done = [(entry.action, entry.on) for entry in AuditEntry.objects.order_by("pk")]
    assert done == [("drain_started", str(node)), ("drain_ended", str(node))]


def test_what_came_there_meanwhile_goes_with_the_sweep(node, pool):
    drain(node, pool)
    late = a_vm("booting", pool, node=node)
    a_vm("busy", pool, node=node)
    assert pool_drains.retire_left(NOON).vms == {late.pk}
    assert pool_drains.retire_left(NOON).vms == set()


def test_the_sweep_has_it_go_on(node, pool, sent, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr("runners.gateways.GATEWAYS", a_world()[0])
    drain(node, pool)
    late = a_vm("standby", pool, node=node)
    with django_capture_on_commit_callbacks(execute=True):
        upkeep.sweep_grid()
    assert ("runners.tasks.vm_steps.step", {"vm_id": late.pk}) in sent


def test_a_vm_there_takes_no_further_job(node, pool):
    Pool.objects.update(reuse=Reuse.ORGANISATION)
    vm = a_vm("busy", pool, node=node, protection="ram")
    job = a_job(pool.connections.get(), "completed", pool=pool, event="push", conclusion="success")
    runner = a_runner(vm, job, job=job, done_cause="exited", done_at=NOON)
    vm.pool.refresh_from_db()
    Pool.objects.update(protection="ram")
    vm.pool.protection = "ram"
    assert reuse.refusal_reason(vm, runner, NOON) is None
    drain(node, pool)
    assert reuse.refusal_reason(vm, runner, NOON) == NodeDrained(str(node))


def test_another_team_uses_it_as_before(node, pool):
    drain(node, pool)
    other = a_team()
    assert drains.nodes_by_team([pool.team_id, other.pk]) == {pool.team_id: frozenset({node.pk})}
    assert not drains.drains(other.pk, node.pk)


def test_a_vm_on_standby_there_is_removed_by_its_life(node, pool):
    vm = a_vm("standby", pool, node=node)
    drain(node, pool)
    vm.refresh_from_db()
    assert lifecycle.standby(vm, None, NOON) == To("removing", NodeDrained(str(node)))
