"""What a pool decided is written down while it is news."""

from datetime import timedelta

import pytest

from runners.models import Event
from runners.pools import history, reconcile
from tests.builders import NOON, a_job, a_node, a_pool, a_price, a_vm, a_wallet
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
    return list(Event.objects.filter(pool=pool, vm=None).order_by("pk").values_list("why", flat=True))


def run(pool, **later):
    reconcile.run(pool.pk, NOON + timedelta(**later))


def test_a_machine_that_goes_is_told_with_its_reason(pool):
    a_vm("standby", pool)
    run(pool, minutes=pool.linger_minutes)
    assert told(pool) == ["Retired 1: no job came for 5 minutes; 0 queued, 1 standing by, 1 of 1 machines"]


def test_jobs_that_are_held_back_are_told_once_and_not_for_each_that_joins_them(pool):
    a_vm("busy", pool)
    a_job(pool.connections.get(), pool=pool)
    run(pool)
    a_job(pool.connections.get(), pool=pool)
    run(pool, seconds=5)
    assert told(pool) == [
        "Held back 1: the pool has its maximum of 1 VM; 1 queued, 0 standing by, 1 of 1 machines"
    ]


def test_refused_jobs_that_a_node_may_fit_now_are_counted_apart(pool):
    for state in ("queued", "refused", "refused"):
        reason = {"reason": "too_dear"} if state == "refused" else {}
        a_job(pool.connections.get(), state, pool=pool, **reason)
    Node.objects.update(up=False)
    run(pool)
    assert told(pool)[-1].endswith("1 queued, 2 refused, 0 standing by, 0 of 1 machines")


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


def test_old_decisions_are_forgotten_and_what_happened_to_machines_is_not(pool):
    for at in (NOON, NOON - timedelta(days=8)):
        Event.objects.create(team=pool.team, pool=pool, why="Wanted 1: 1 queued", at=at)
    Event.objects.create(
        team=pool.team, pool=pool, vm=a_vm("gone", pool), why="removed", at=NOON - timedelta(days=8)
    )
    history.forget(NOON - timedelta(days=7))
    assert sorted(Event.objects.values_list("why", "at")) == [
        ("Wanted 1: 1 queued", NOON),
        ("removed", NOON - timedelta(days=8)),
    ]
