"""A pool's dry run says what deploying would do, and does nothing."""

from datetime import timedelta

import pytest

from runners.jobs.labels import NAMED, Size
from runners.models import VM, Event, Job
from runners.pools import dry_run, reconcile
from runners.pools.dry_run import IMAGINED, JOB, READY
from runners.reasons.waits import NoPrices, PoolMaximum, WaitCode
from tests.builders import NOON, a_job, a_node, a_pool, a_price, a_quote, a_vm, a_wallet
from tfci.core.tft import Tft
from tfci.grid.models import Node

pytestmark = pytest.mark.django_db

SMALL = NAMED["small"]


@pytest.fixture
def pool():
    a_price()
    pool = a_pool(max_vms=3)
    a_wallet(pool.team)
    return pool


def a_queued(pool, **fields):
    return a_job(pool.connections.get(), pool=pool, **fields)


def rehearse(pool, *imagined):
    return dry_run.rehearse(pool, NOON, imagined)


def test_it_is_what_comes_true(pool):
    for number in range(1, 4):
        a_node(node_id=number, certified=number == 1)
    for _ in range(2):
        a_queued(pool)
    pool.min_vms = {"medium": 1}
    pool.save()
    found = rehearse(pool)
    reconcile.run(pool.pk, NOON)
    true = VM.objects.select_related("node", "quote").order_by("pk")
    assert [(str(m.size), m.node.node_id, m.per_hour) for m in found.vms] == [
        (vm.size, vm.node.node_id, vm.quote.per_hour) for vm in true
    ]
    assert [one.purpose for one in found.vms] == [JOB, JOB, READY]
    assert found.per_hour == sum(vm.quote.per_hour for vm in true)


def test_nothing_is_changed(pool):
    a_node()
    a_queued(pool)
    a_vm("standby", pool)
    rows = (VM, Job, Event)
    before = [list(model.objects.order_by("pk").values()) for model in rows]
    rehearse(pool, SMALL)
    assert [list(model.objects.order_by("pk").values()) for model in rows] == before


def test_jobs_can_be_imagined_behind_those_that_wait(pool):
    a_node()
    a_queued(pool)
    found = rehearse(pool, SMALL, NAMED["large"])
    assert [(vm.size, vm.purpose) for vm in found.sent] == [
        (SMALL, JOB),
        (SMALL, IMAGINED),
        (NAMED["large"], IMAGINED),
    ]
    assert found.sizes == {SMALL: 2, NAMED["large"]: 1}


def test_what_stands_by_is_used_first(pool):
    a_vm("standby", pool)
    a_queued(pool)
    found = rehearse(pool)
    assert (found.bound, found.vms) == (1, [])


def test_what_the_maximum_holds_back_is_told(pool):
    a_node()
    found = rehearse(pool, *[SMALL] * 5)
    assert len(found.sent) == 3
    assert found.held == [(PoolMaximum(3), 2)]


def test_what_finds_no_node_waits_and_says_why(pool):
    a_node(total_mru=4096, free_mru=4096)
    [vm] = rehearse(pool, SMALL).waiting
    assert vm.reason.code == WaitCode.NO_NODE_FITS


def test_one_that_waits_for_a_node_already_is_of_it(pool):
    a_node(node_id=1)
    a_node(node_id=2, free_mru=65536)
    Node.objects.filter(node_id=1).update(blocked_until=NOON + timedelta(minutes=2))
    a_vm("wanted", pool, failed_nodes=[1])
    a_queued(pool)
    [vm] = rehearse(pool).sent
    assert (vm.node.node_id, vm.purpose) == (2, JOB)


def test_only_what_the_balance_covers_would_be_sent():
    a_price()
    a_node()
    pool = a_pool()
    a_wallet(pool.team, tft="4")
    found = rehearse(pool, SMALL, SMALL)
    assert found.per_hour == Tft.parse("2.125")
    [second] = found.waiting
    assert second.reason.code == WaitCode.BALANCE


def test_without_prices_nothing_is_promised():
    pool = a_pool()
    a_wallet(pool.team)
    [vm] = rehearse(pool, SMALL).vms
    assert vm.reason == NoPrices()


def test_a_pool_that_waits_for_tft_says_so(pool):
    node = a_node()
    a_vm("busy", pool, quote=a_quote(node, "200"), contract_created_at=NOON - timedelta(hours=1))
    [vm] = rehearse(pool, Size(2, 8, 50)).waiting
    assert vm.reason.code == WaitCode.BALANCE
