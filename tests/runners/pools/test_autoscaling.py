"""VMs that work hard: read, told, and followed by VMs that are held ready."""

from datetime import timedelta

import pytest

from runners.models import VM, Event, Pool, Pressure
from runners.pools import autoscaling, reconcile
from runners.reasons.pools import MoreReady, PoolCode
from runners.tasks import due, upkeep
from tests.builders import NOON, a_load, a_node, a_pool, a_price, a_vm, a_wallet

pytestmark = pytest.mark.django_db

SMALL = "2cpu8gbram50gbssd"


def later(minutes):
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def pool():
    a_price()
    a_node()
    pool = a_pool(cpu_target=80, cpu_minutes=2, max_vms=4)
    a_wallet(pool.team)
    return pool


def work(vms, minutes, cpu=900, steal=0):
    """Heartbeats up to that minute, and the reading then."""
    for vm in vms:
        for second in (20, 40):
            a_load(vm, later(minutes) - timedelta(seconds=second), cpu=cpu, steal=steal)
    return autoscaling.read(vms[0].pool_id if vms else Pool.objects.get().pk, later(minutes))


def the_row():
    return Pressure.objects.get()


def test_a_reading_is_the_mean_over_vms_with_a_job(pool):
    busy = [a_vm("busy", pool), a_vm("busy", pool)]
    a_load(a_vm("standby", pool), later(1), cpu=0)
    a_load(busy[0], later(1) - timedelta(seconds=90), cpu=0)  # before
    a_load(busy[0], later(1) - timedelta(seconds=5), cpu=1000, steal=0)
    work(busy[1:], 1, cpu=500, steal=100)
    row = the_row()
    assert (row.size, row.vms, row.cpu, row.steal, row.high) == (SMALL, 2, 750, 50, True)


def test_what_others_take_counts_as_wanted(pool):
    work([a_vm("busy", pool)], 1, cpu=500, steal=300)
    assert the_row().high


def test_while_they_are_at_the_target_one_more_is_held_ready_and_told_with_its_numbers(pool):
    busy = [a_vm("busy", pool)]
    changed = [work(busy, minute, steal=40) for minute in (1, 2, 3)]
    assert changed == [False, False, True]
    assert Event.objects.get().typed_reason == MoreReady(SMALL, 1, 80, 2, 1, 900, 40)
    reconcile.run(pool.pk, later(3))
    assert VM.objects.filter(state="wanted").count() == 1
    reconcile.run(pool.pk, later(3))
    assert VM.objects.filter(state="wanted").count() == 1


def test_it_stops_at_the_pools_maximum(pool):
    Pool.objects.update(min_vms={"small": 2})
    busy = [a_vm("busy", pool)]
    for minute in range(1, 20):
        work(busy, minute)
    assert the_row().extra == 2
    reconcile.run(pool.pk, later(20))
    assert VM.objects.count() == 4


def test_it_comes_down_again_and_never_touches_a_job(pool):
    vm, ready = a_vm("busy", pool), a_vm("standby", pool, state_changed_at=NOON)
    for minute in (1, 2, 3):
        work([vm], minute)
    assert reconcile.run(pool.pk, later(30)).vms == set()
    for minute in (31, 32, 33):
        work([vm], minute, cpu=100)
    assert the_row().extra == 0
    assert reconcile.run(pool.pk, later(40)).vms == {ready.pk}
    vm.refresh_from_db()
    assert (vm.state, vm.retire_reason) == ("busy", "")


def test_when_no_job_runs_it_says_so(pool):
    vm = a_vm("busy", pool)
    for minute in (1, 2, 3):
        work([vm], minute)
    VM.objects.update(state="gone")
    for minute in (4, 5, 6):
        autoscaling.read(pool.pk, later(minute))
    assert Event.objects.latest("pk").reason == PoolCode.FEWER_READY_IDLE
    assert the_row().extra == 0


def test_where_others_take_much_the_node_is_known_for_it(pool):
    node = a_node()
    work([a_vm("busy", pool, node=node), a_vm("busy", pool, node=node)], 1, steal=140)
    node.refresh_from_db()
    assert (node.steal, node.steal_at) == (140, later(1))


def test_a_pool_without_a_target_is_not_read_and_forgets_what_it_had(pool):
    other = a_pool()
    assert autoscaling.due() == [pool.pk]
    work([a_vm("busy", pool)], 1)
    Pool.objects.update(cpu_target=None)
    assert autoscaling.due() == [pool.pk]
    assert autoscaling.read(pool.pk, later(2)) and not Pressure.objects.exists()
    assert autoscaling.due() == [] and autoscaling.added(other) == {}


def test_a_change_has_the_pool_reconciled(pool, sent, django_capture_on_commit_callbacks):
    work([a_vm("busy", pool)], 1)
    Pool.objects.update(cpu_target=None)
    with django_capture_on_commit_callbacks(execute=True):
        due.watch_processors()
        upkeep.watch(pool_id=pool.pk)
    assert sent == [
        ("runners.tasks.upkeep.watch", {"pool_id": pool.pk}),
        ("runners.tasks.reconciliation.reconcile_pool", {"pool_id": pool.pk}),
    ]
