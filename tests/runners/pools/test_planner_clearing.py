"""Nodes that idle VMs leave so that a job finds room there."""

from dataclasses import replace

import pytest

from runners.pools import planner
from runners.pools.plans import PoolSeen
from runners.reasons.retirements import MakesWay
from tests.runners.pools.test_planner import FULL, MINUTE, NOON, Ground, a_job, a_vm, limits

UNTIL = (NOON + 5 * MINUTE).isoformat()


def on(node, *vms):
    return [replace(vm, node_id=node) for vm in vms]


def plans(jobs, vms, second=None, **ground):
    """Of a team with two pools on full nodes: the first has the jobs, the other one keeps the VMs ready."""
    first = PoolSeen(1, jobs, [], second or limits())
    ready = PoolSeen(2, [], vms, limits(small=9, large=9))
    return planner.plan([first, ready], Ground(small=0, large=0, **ground), NOON)


def test_vms_that_another_pool_keeps_ready_make_way_for_a_job():
    made = plans([a_job(1, "large")], on(1, *(a_vm(n) for n in range(5))))
    assert list(made[2].retire.values()) == [MakesWay()] * 4
    assert made[1].held_up == {1: replace(FULL, clearing_node=101, clearing_until=UNTIL)}


def test_the_node_is_cleared_from_which_fewest_must_go():
    many, one = on(1, *(a_vm(n) for n in range(4))), on(2, a_vm(9, size="large"))
    assert list(plans([a_job(1, "large")], many + one)[2].retire) == [9]


def test_no_node_is_cleared_where_all_its_idle_vms_are_not_enough():
    made = plans([a_job(1, "large")], on(1, *(a_vm(n) for n in range(3))) + on(2, a_vm(9, "busy", "large")))
    assert (made[2].retire, made[1].held_up) == ({}, {1: FULL})


def test_what_is_leaving_already_makes_room_for_one_job_and_not_for_two():
    leaving, idle = on(1, a_vm(1, size="large", leaving=True)), on(2, a_vm(2, size="large"))
    assert plans([a_job(1, "large")], leaving + idle)[2].retire == {}
    assert list(plans([a_job(1, "large"), a_job(2, "large")], leaving + idle)[2].retire) == [2]


@pytest.mark.parametrize("minutes, again", [(1, False), (-1, True)])
def test_no_second_node_is_cleared_before_the_grid_shows_the_first_one(minutes, again):
    until = (NOON + minutes * MINUTE).isoformat()
    job = replace(a_job(1, "large"), clearing_node=7, clearing_until=until)
    made = plans([job], on(2, a_vm(2, size="large")))
    assert bool(made[2].retire) is again
    kept = made[1].held_up[1]
    assert (kept.clearing_node, kept.clearing_until) == ((102, UNTIL) if again else (7, until))


def test_nothing_makes_way_for_a_job_that_its_pool_has_no_place_for_or_the_balance_no_tft():
    idle = on(1, a_vm(1, size="large"))
    assert plans([a_job(1, "large")], idle, limits(max_vms=0))[2].retire == {}
    assert plans([a_job(1, "large")], idle, left=-1)[1].held_up == {1: FULL}


def test_many_jobs_of_a_size_that_no_node_can_be_cleared_for_ask_once(monkeypatch):
    asked = []
    after = Ground.after
    monkeypatch.setattr(Ground, "after", lambda *call: asked.append(call) or after(*call))
    made = plans([a_job(n, "large") for n in range(500)], on(1, *(a_vm(n) for n in range(3))))
    assert len(made[1].held_up) == 500
    assert len(asked) == 4  # with none, one, two and all three idle VMs gone
