"""What a pool decided is written down while it is news."""

from datetime import timedelta

import pytest

from runners.models import Event
from runners.pools import history, reconcile
from runners.reasons.retirements import RetireCode
from tests.builders import NOON, a_job, a_node, a_pool, a_price, a_vm, a_wallet
from tfci.core.reasons import Other, columns
from tfci.grid.models import Node

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool():
    a_price()
    a_node()
    pool = a_pool(max_vms=1)
    a_wallet(pool.team)
    return pool


def told(pool):
    return [event.typed_reason for event in Event.objects.filter(pool=pool, vm=None).order_by("pk")]


def run(pool, **later):
    reconcile.run(pool.pk, NOON + timedelta(**later))


def test_a_vm_that_goes_is_told_with_its_reason(pool):
    a_vm("standby", pool)
    run(pool, minutes=pool.linger_minutes)
    [planned] = told(pool)
    assert planned.counts == {"retired": 1}
    assert (planned.queued, planned.standing_by, planned.vms, planned.max_vms) == (0, 1, 1, 1)
    assert planned.reasons == ((RetireCode.IDLE, {"minutes": 5}),)


def test_jobs_that_are_held_back_are_told_once_and_not_for_each_that_joins_them(pool):
    a_vm("busy", pool)
    a_job(pool.connections.get(), pool=pool)
    run(pool)
    a_job(pool.connections.get(), pool=pool)
    run(pool, seconds=5)
    [planned] = told(pool)
    assert (planned.counts, planned.queued) == ({"held_back": 1}, 1)
    assert planned.reasons == (("pool_maximum", {"max_vms": 1, "promised": 0}),)


def test_refused_jobs_that_a_node_may_fit_now_are_counted_apart(pool):
    for state in ("queued", "refused", "refused"):
        reason = {"reason": "too_dear"} if state == "refused" else {}
        a_job(pool.connections.get(), state, pool=pool, **reason)
    Node.objects.update(up=False)
    run(pool)
    assert (told(pool)[-1].queued, told(pool)[-1].refused) == (1, 2)


def test_a_new_reason_to_hold_them_back_is_news(pool):
    a_vm("busy", pool)
    a_job(pool.connections.get(), pool=pool)
    run(pool)
    Node.objects.update(up=False)
    run(pool, seconds=5)
    assert len(told(pool)) == 2


def test_nothing_to_decide_is_no_news(pool):
    run(pool)
    assert told(pool) == []


def test_old_decisions_are_forgotten_and_what_happened_to_vms_is_not(pool):
    for at in (NOON, NOON - timedelta(days=8)):
        Event.objects.create(team=pool.team, pool=pool, **columns(Other("Wanted 1: 1 queued")), at=at)
    Event.objects.create(
        team=pool.team,
        pool=pool,
        vm=a_vm("gone", pool),
        **columns(Other("removed")),
        at=NOON - timedelta(days=8),
    )
    history.delete_before(NOON - timedelta(days=7))
    assert sorted((str(event.typed_reason), event.at) for event in Event.objects.all()) == [
        ("Wanted 1: 1 queued", NOON),
        ("removed", NOON - timedelta(days=8)),
    ]
