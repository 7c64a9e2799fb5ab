"""Planning: demand against VMs. `carried_out` is the world after a plan, as reconcile leaves it.

Prices and nodes are counters here (Ground); tests/runners/pools/test_planner_model.py has real ones.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from runners.pools import planner
from runners.pools.plans import Demand, Plan, PoolLimits, PoolSeen, PoolVM
from runners.reasons.retirements import HourUncovered, MakesWay, ReuseEnded
from runners.reasons.waits import (
    Balance,
    GridRefused,
    JobsFirst,
    NextDecision,
    NoNodeNow,
    PoolMaximum,
    ReadyBalance,
    TeamPrice,
    TeamVms,
    TooDear,
)
from runners.vms.placement import NodeCapacity
from runners.vms.sites import Budget, VmSite
from tfci.core.tft import Tft

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LINGER = 5 * MINUTE


def a_job(job_id, size="small", connection_id=1, label_key="", minutes_ago=0):
    return Demand(job_id, connection_id, label_key or size, size, NOON - minutes_ago * MINUTE)


def a_vm(machine_id, state="standby", size="small", minutes_ago=0, **fields):
    fields = {"per_hour": Tft(0) if state == "unplaced" else PRICE[size]} | fields
    return PoolVM(machine_id, size, state, NOON - minutes_ago * MINUTE, **fields)


PRICE = {"small": Tft(2), "large": Tft(8)}
NODE = NodeCapacity(1, 1, 1, "", "", True, True, False, False, 99, 10**9, 10**9)
FULL = NoNodeNow(1, (("memory_in_use", 8, 1),))
DEAR = TooDear(8, 3)


class Ground:
    """So many TFT; room for so many VMs of a size, 99 where nothing is said; `never`: reasons by size; `caps`:
    the operator's limits, and what the team has."""

    def __init__(self, left=10_000, never=None, caps=None, **room):
        self.budget, self.room, self.never = Budget(Tft(left), **caps or {}), room, never or {}

    def find(self, pool_id, size):
        if size in self.never:
            return self.never[size]
        return VmSite(NODE, PRICE[size]) if self.room.get(size, 99) > 0 else FULL

    def after(self, pool_id, size, node_id, freed, promised):
        """A VM takes as much of a node as it costs."""
        room = sum(PRICE[one] for one in freed) - sum(PRICE[one] for one in promised)
        node = replace(NODE, id=node_id, node_id=node_id + 100)
        return VmSite(node, PRICE[size]) if room >= PRICE[size] else None

    def take(self, pool_id, size):
        self.room[size] = self.room.get(size, 99) - 1
        return VmSite(NODE, PRICE[size])


def limits(max_vms=10, **min_vms):
    return PoolLimits(max_vms, min_vms, LINGER)


def plan(jobs, vms, limits, now=NOON, **ground):
    """Of a team with one pool."""
    return planner.plan([PoolSeen(1, jobs, vms, limits)], Ground(**ground), now)[1]


def started(made):
    return [one.size for one in made.start]


def carried_out(made, vms):
    """A bound VM is given, one to retire is leaving, started ones are there."""
    after, afresh = [], {one.vm_id for one in made.start}
    for vm in vms:
        if job := made.bind.get(vm.id):
            vm = replace(
                vm,
                state="assigned",
                connection_id=job.connection_id,
                label_key=job.label_key,
                since=NOON,
            )
        vm = replace(vm, leaving=vm.leaving or vm.id in made.retire)
        if vm.id not in afresh and not (vm.state == "unplaced" and vm.leaving):
            after.append(vm)
    free = max((vm.id for vm in vms), default=0) + 1
    return after + [a_vm(one.vm_id or free + n, "wanted", one.size) for n, one in enumerate(made.start)]


def test_nothing_to_do_is_an_empty_plan():
    assert plan([], [], limits(), NOON) == Plan()


def test_a_job_is_bound_to_a_vm_of_its_size_that_stands_by():
    job = a_job(1)
    made = plan([job], [a_vm(1, size="large"), a_vm(2)], limits(), NOON)
    assert (made.bind, started(made), made.vm_of_job) == ({2: job}, [], {1: 2})


def test_a_refreshed_vm_is_given_to_jobs_of_its_scope_alone():
    job, stranger = replace(a_job(1, minutes_ago=1), scopes=("repository:1:acme/app", "")), a_job(2)
    vm = a_vm(1, scope="repository:1:acme/app")
    assert plan([job], [vm], limits(), NOON).bind == {1: job}
    made = plan([stranger], [vm], limits(), NOON)
    assert (made.bind, started(made)) == ({}, ["small"])


def test_a_refreshed_vm_goes_first_for_it_serves_fewest():
    job = replace(a_job(1), scopes=("repository:1:acme/app", ""))
    vms = [a_vm(1, minutes_ago=3), a_vm(2, scope="repository:1:acme/app")]
    assert plan([job], vms, limits(), NOON).bind == {2: job}


def test_a_vm_that_reboots_is_waited_for_by_jobs_of_its_scope():
    job = replace(a_job(1), scopes=("organisation:1", ""))
    vms = [a_vm(1, "booting"), a_vm(2, "refreshing", scope="organisation:1")]
    assert plan([job], vms, limits(), NOON).vm_of_job == {1: 2}


def test_a_refreshed_vm_keeps_no_minimum_for_it_serves_not_all():
    made = plan([], [a_vm(1, scope="organisation:1")], limits(small=1), NOON)
    assert (started(made), made.retire) == (["small"], {})


def test_a_vm_that_the_pool_would_make_otherwise_now_goes_and_is_given_to_nobody():
    job = a_job(1)
    vms = [
        a_vm(1, outdated=ReuseEnded()),
        a_vm(2, "wanted", outdated=ReuseEnded()),
        a_vm(3, "booting", outdated=ReuseEnded()),
    ]
    made = plan([job], vms, limits(), NOON)
    assert (made.bind, started(made)) == ({}, ["small"])
    assert made.retire == {1: ReuseEnded(), 2: ReuseEnded()}


def test_a_vm_that_has_a_runner_already_ends_its_job_as_it_is():
    vm = a_vm(1, "assigned", connection_id=1, label_key="small", outdated=ReuseEnded())
    assert plan([a_job(1)], [vm], limits(), NOON).vm_of_job == {1: 1}


def test_the_oldest_job_gets_the_most_advanced_vm():
    jobs = [a_job(n, minutes_ago=n) for n in (1, 2, 3, 4, 5)]
    vms = [
        a_vm(1, "wanted"),
        a_vm(2, "deploying"),
        a_vm(3, "booting"),
        a_vm(4, "standby"),
        a_vm(5, "assigned", connection_id=1, label_key="small"),
    ]
    made = plan(jobs, vms, limits(), NOON)
    assert made.vm_of_job == {5: 5, 4: 4, 3: 3, 2: 2, 1: 1}
    assert (made.bind, started(made)) == ({4: jobs[3]}, [])


def test_of_vms_in_one_state_the_one_that_has_been_in_it_longest_comes_first():
    vms = [a_vm(1, "booting", minutes_ago=1), a_vm(2, "booting", minutes_ago=2)]
    assert plan([a_job(1)], vms, limits(), NOON).vm_of_job == {1: 2}


def test_a_vm_given_to_a_label_set_stands_for_no_other():
    given_away = a_vm(1, "assigned", connection_id=1, label_key="tfgrid\nsmall")
    made = plan(
        [a_job(1), a_job(2, connection_id=2, label_key="tfgrid\nsmall")], [given_away], limits(), NOON
    )
    assert (started(made), made.vm_of_job) == (["small", "small"], {})


def test_an_older_job_does_not_take_a_vm_given_to_another_label_set():
    vms = [a_vm(1, "assigned", connection_id=1, label_key="b"), a_vm(2, "booting")]
    jobs = [a_job(1, label_key="a", minutes_ago=9), a_job(2, label_key="b")]
    assert plan(jobs, vms, limits(), NOON).vm_of_job == {1: 2, 2: 1}


def test_a_busy_vm_stands_for_nobody():
    assert started(plan([a_job(1)], [a_vm(1, "busy")], limits(), NOON)) == ["small"]


def test_each_job_knows_its_place_among_the_wanted():
    jobs = [a_job(1, "large", minutes_ago=1), a_job(2, minutes_ago=2)]
    made = plan(jobs, [], limits(), NOON)
    assert [(one.size, one.job_id) for one in made.start] == [("small", 2), ("large", 1)]


def test_label_sets_are_served_by_age_where_room_is_short():
    jobs = [a_job(n, label_key="many", minutes_ago=1) for n in range(5)] + [a_job(9, minutes_ago=2)]
    made = plan(jobs, [], limits(max_vms=2), NOON)
    assert {one.job_id for one in made.start} == {9, 0}


def test_a_job_beyond_the_maximum_is_told_so():
    made = plan([a_job(1)], [a_vm(1, "busy")], limits(max_vms=1), NOON)
    assert (started(made), made.held_up) == ([], {1: PoolMaximum(1)})


def test_vms_that_leave_still_count_toward_the_maximum():
    leaving = [a_vm(1, leaving=True), a_vm(2, "removing")]
    made = plan([a_job(1)], leaving, limits(max_vms=2), NOON)
    assert (started(made), made.vm_of_job, list(made.held_up)) == ([], {}, [1])


# What can't be placed


def test_a_job_that_no_node_can_take_holds_no_place_and_is_told_why():
    jobs = [a_job(1, "large", minutes_ago=3), a_job(2, "large", minutes_ago=2), a_job(3)]
    made = plan(jobs, [], limits(max_vms=2), never={"large": DEAR})
    assert (started(made), made.held_up) == (["small"], {1: DEAR, 2: DEAR})


def test_a_job_that_finds_no_room_lets_others_go_first_and_retires_nobody():
    jobs, idle = [a_job(1, "large", minutes_ago=3), a_job(2)], [a_vm(9, "busy"), a_vm(8, "busy")]
    made = plan(jobs, idle, limits(max_vms=3), large=0)
    assert (started(made), made.held_up, made.retire) == (["small"], {1: FULL}, {})
    made = plan(jobs[:1], [a_vm(1)], limits(max_vms=1, small=1), large=0)
    assert (made.held_up, made.retire) == ({1: FULL}, {})


def test_room_on_nodes_is_given_away_once():
    made = plan([a_job(1, minutes_ago=1), a_job(2)], [], limits(), small=1)
    assert ([one.job_id for one in made.start], made.held_up) == ([1], {2: FULL})


def test_a_vm_that_its_node_refused_is_placed_again_and_holds_nothing_till_then():
    made = plan([a_job(1)], [a_vm(1, "unplaced")], limits(max_vms=1))
    assert [(one.vm_id, one.job_id) for one in made.start] == [(1, 1)]
    made = plan([a_job(1), a_job(2, "large")], [a_vm(1, "unplaced")], limits(max_vms=1), small=0)
    assert (started(made), list(made.retire), made.held_up) == (["large"], [1], {1: FULL})


def test_a_vm_that_the_grid_refused_without_a_fault_of_the_node_waits_with_its_job():
    refused = GridRefused("no funds", "2026-11-24T12:01:00+00:00")
    made = plan([a_job(1)], [a_vm(1, "unplaced", refused=refused)], limits())
    assert (made.held_up, made.changes_vms) == ({1: refused}, False)
    made = plan([], [a_vm(1, "unplaced", refused=refused)], limits(small=1))
    assert (made.not_ready, made.changes_vms) == ({"small": refused}, False)


def test_a_vm_that_is_kept_ready_and_was_refused_is_placed_again():
    made = plan([], [a_vm(1, "unplaced")], limits(small=1))
    assert [(one.vm_id, one.job_id) for one in made.start] == [(1, None)]


def test_one_decision_starts_so_many_and_says_so():
    jobs = [a_job(n) for n in range(planner.MAX_STARTS + 1)]
    made = plan(jobs, [], limits(max_vms=500), small=500)
    assert len(made.start) == planner.MAX_STARTS
    assert list(made.held_up.values()) == [NextDecision(planner.MAX_STARTS)]


# Money


def test_what_the_balance_does_not_cover_is_not_started_and_the_job_is_told_how_much_is_missing():
    made = plan([a_job(1, "large")], [], limits(), left=5)
    assert (started(made), made.held_up) == ([], {1: Balance(8, 3)})


def test_a_smaller_job_starts_where_a_larger_one_is_not_covered():
    made = plan([a_job(1, "large", minutes_ago=1), a_job(2)], [], limits(), left=5)
    assert (started(made), list(made.held_up)) == (["small"], [1])


def test_without_money_a_job_is_still_bound_to_what_stands_by():
    assert list(plan([a_job(1)], [a_vm(1)], limits(), left=-2).bind) == [1]


def test_idle_vms_give_the_money_to_a_job_that_waits_and_as_few_of_them_as_it_takes():
    idle = [a_vm(n, size="large", minutes_ago=1) for n in (1, 2, 3)]
    made = plan([a_job(1)], idle, limits(large=3), left=1)
    assert (made.retire, made.held_up) == ({1: MakesWay()}, {1: Balance(2, 1)})


def test_idle_vms_stay_where_even_all_of_them_would_not_be_enough():
    made = plan([a_job(1, "large")], [a_vm(1), a_vm(2)], limits(small=2), left=1)
    assert (made.retire, made.held_up) == ({}, {1: Balance(8, 7)})


def test_what_leaves_is_waited_for_and_nothing_more_goes():
    vms = [a_vm(1, size="large", leaving=True), a_vm(2, size="large")]
    made = plan([a_job(1)], vms, limits(large=2), left=1)
    assert (made.retire, list(made.held_up), started(made)) == ({}, [1], [])


def test_a_younger_job_does_not_take_what_an_older_one_waits_for():
    vms, jobs = [a_vm(1, size="large", leaving=True)], [a_job(1, "large", minutes_ago=1), a_job(2)]
    made = plan(jobs, vms, limits(), left=3)
    assert (started(made), made.held_up) == ([], {1: Balance(8, 5), 2: Balance(2, 2, promised=3)})


def test_nothing_more_is_kept_ready_while_a_job_waits_for_money():
    made = plan([a_job(1, "large")], [], limits(small=1), left=5)
    assert (started(made), made.not_ready) == ([], {"small": JobsFirst()})


def test_where_what_runs_is_not_covered_as_many_idle_vms_go_as_it_takes():
    vms = [a_vm(1), a_vm(2), a_vm(3), a_vm(4, "booting"), a_vm(5, "busy")]
    made = plan([], vms, limits(small=3), left=-3)
    assert made.retire == {
        1: HourUncovered(3),
        2: HourUncovered(1),
    }
    assert made.not_ready == {"small": Balance(2, 5)}


# The operator's limits


def test_over_the_operators_limit_of_vms_a_job_waits_and_idle_ones_give_way():
    limited = {"max_vms": 2, "vms": 2}
    made = plan([a_job(1)], [a_vm(1, "busy"), a_vm(2, "booting", "large")], limits(), caps=limited)
    assert (made.held_up, made.changes_vms) == ({1: TeamVms(2)}, False)
    made = plan([a_job(1)], [a_vm(1, "busy"), a_vm(2, size="large")], limits(large=1), caps=limited)
    assert (list(made.retire), made.held_up) == ([2], {1: TeamVms(2)})


def test_over_the_operators_limit_of_tft_an_hour_a_job_waits_and_is_told_the_numbers():
    limited = {"max_per_hour": Tft(9), "per_hour": Tft(8)}
    made = plan([a_job(1)], [a_vm(1, "busy", "large")], limits(), caps=limited)
    assert made.held_up == {1: TeamPrice(2, 8, 9)}


def test_one_that_the_balance_barely_covers_is_not_started_to_be_kept_ready():
    made = plan([], [], limits(small=2), left=5)
    assert (started(made), made.not_ready) == (["small"], {"small": ReadyBalance(2, 1)})


# Several pools of one team


def team(*pools, **ground):
    return planner.plan([PoolSeen(n, *pool) for n, pool in enumerate(pools)], Ground(**ground), NOON)


def test_pools_come_in_their_order_and_jobs_by_age():
    first, second = [a_job(1), a_job(2, minutes_ago=1)], [a_job(3, minutes_ago=9)]
    plans = team((first, [], limits()), (second, [], limits()), left=4)
    assert [one.job_id for one in plans[0].start] == [2, 1]
    assert plans[1].held_up == {3: Balance(2, 2)}


def test_what_one_pool_keeps_ready_makes_way_for_a_job_of_another_the_last_pool_first():
    idle = [a_vm(1), a_vm(2)]
    plans = team(
        ([], idle[:1], limits(small=1)), ([a_job(1)], [], limits()), ([], idle[1:], limits(small=1)), left=0
    )
    assert (plans[0].retire, list(plans[2].retire)) == ({}, [2])


def test_no_pool_keeps_more_ready_while_a_job_of_another_waits_for_money():
    plans = team(([], [], limits(small=1)), ([a_job(1, "large")], [], limits()), left=5)
    assert plans[0].not_ready == {"small": JobsFirst()}
