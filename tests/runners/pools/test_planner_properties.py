"""What holds for any demand, any VMs, any balance and any nodes."""

from collections import Counter
from dataclasses import replace

from hypothesis import given, settings, strategies as st

from runners.pools import planner
from runners.pools.plans import PoolLimits, PoolSeen
from runners.reasons.retirements import ReuseEnded
from runners.reasons.waits import (
    Balance,
    GridRefused,
    NoNodeNow,
    PoolMaximum,
    TooDear,
)
from tests.runners.pools.test_planner import DEAR, MINUTE, NOON, PRICE, Ground, a_job, a_vm, carried_out

# For any demand, any VMs, any balance and any nodes

SIZES = ("small", "large")
LABELS = {"small": ("s1", "s2"), "large": ("l1",)}
FREE = ("wanted", "deploying", "booting", "refreshing", "standby")
SCOPES = ("", "", "repository:1", "organisation:1", "organisation:2")
RANK = {"assigned": 0, "standby": 1, "refreshing": 2, "booting": 3, "deploying": 4, "wanted": 5}


@st.composite
def demands(draw, first=0):
    jobs = []
    for job_id in range(first, first + draw(st.integers(0, 4))):
        size = draw(st.sampled_from(SIZES))
        connection_id, key = draw(st.integers(1, 2)), draw(st.sampled_from(LABELS[size]))
        job = a_job(job_id, size, connection_id, key, minutes_ago=draw(st.integers(0, 9)))
        jobs.append(replace(job, scopes=(f"repository:{connection_id}", f"organisation:{connection_id}", "")))
    return jobs


@st.composite
def fleets(draw, first=1):
    vms = []
    for machine_id in range(first, first + draw(st.integers(0, 7))):
        size = draw(st.sampled_from(SIZES))
        state = draw(
            st.sampled_from((*FREE, "standby", "standby", "unplaced", "assigned", "busy", "removing"))
        )
        bound = state == "assigned"
        refused = draw(st.sampled_from([None, GridRefused("no", NOON.isoformat())]))
        fields = {
            "connection_id": draw(st.integers(1, 2)) if bound else None,
            "label_key": draw(st.sampled_from(LABELS[size])) if bound else None,
            "leaving": state != "unplaced" and draw(st.sampled_from([False, False, True])),
            "scope": draw(st.sampled_from(SCOPES)) if state != "unplaced" else "",
            "outdated": draw(st.sampled_from([None, None, None, ReuseEnded()])),
            "refused": refused if state == "unplaced" else None,
        }
        vms.append(a_vm(machine_id, state, size, draw(st.integers(0, 9)), **fields))
    return vms


bounds = st.builds(
    PoolLimits,
    max_vms=st.integers(1, 6),
    min_vms=st.dictionaries(st.sampled_from(SIZES), st.integers(0, 4)),
    linger=st.sampled_from([0, 5, 60]).map(lambda minutes: minutes * MINUTE),
)


@st.composite
def teams(draw):
    """Two pools."""
    return [PoolSeen(n, draw(demands(10 * n)), draw(fleets(1 + 10 * n)), draw(bounds)) for n in (0, 1)]


grounds = st.fixed_dictionaries(
    {
        "left": st.integers(-9, 40),
        "never": st.sampled_from([{}, {}, {"large": DEAR}]),
        "small": st.integers(0, 6),
        "large": st.integers(0, 3),
    }
)


def planned(pools, ground):
    return planner.plan(pools, Ground(**ground), NOON)


def each(pools, ground):
    plans = planned(pools, ground)
    return [(pool, plans[pool.id]) for pool in pools]


def holding(pool):
    return [vm for vm in pool.vms if vm.state != "unplaced"]


def begun(pools, ground):
    return [one for _, made in each(pools, ground) for one in made.start]


@given(teams(), grounds)
def test_planning_never_goes_above_the_maximum_the_balance_or_what_nodes_have(pools, ground):
    for pool, made in each(pools, ground):
        assert not made.start or len(holding(pool)) + len(made.start) <= pool.limits.max_vms
    sizes = Counter(one.size for one in begun(pools, ground))
    assert all(count <= ground[size] for size, count in sizes.items())
    assert not sizes or sum(PRICE[size] * count for size, count in sizes.items()) <= ground["left"]


@given(teams(), grounds)
def test_planning_retires_only_what_nobody_has(pools, ground):
    for pool, made in each(pools, ground):
        retired = [vm for vm in pool.vms if vm.id in made.retire]
        assert {vm.state for vm in retired if not vm.outdated} <= {"standby", "unplaced"}
        assert not any(vm.leaving for vm in retired)
        assert made.retire.keys().isdisjoint(made.bind.keys() | set(made.vm_of_job.values()))
        assert made.retire.keys().isdisjoint({one.vm_id for one in made.start})


@given(teams(), grounds)
def test_every_job_has_exactly_one_answer(pools, ground):
    for pool, made in each(pools, ground):
        began = [one.job_id for one in made.start if one.job_id is not None]
        answers = Counter([*made.vm_of_job, *began, *made.held_up])
        assert answers == Counter(job.job_id for job in pool.demands)


@given(teams(), grounds)
def test_every_job_waits_for_a_vm_of_its_own_that_can_run_it(pools, ground):
    for pool, made in each(pools, ground):
        by_id = {vm.id: vm for vm in pool.vms}
        job_of = {job.job_id: job for job in pool.demands}
        assert len(set(made.vm_of_job.values())) == len(made.vm_of_job)
        for job_id, machine_id in made.vm_of_job.items():
            job, vm = job_of[job_id], by_id[machine_id]
            assert not vm.leaving
            if vm.state == "assigned":
                assert (vm.connection_id, vm.label_key) == (job.connection_id, job.label_key)
            else:
                assert vm.state in FREE and vm.size == job.size
                assert vm.scope in job.scopes and not vm.outdated
            assert (made.bind.get(machine_id) == job) == (vm.state == "standby")
        for one in made.start:
            assert one.job_id is None or one.size == job_of[one.job_id].size
            assert one.vm_id is None or by_id[one.vm_id].size == one.size


@given(teams(), grounds)
def test_whatever_is_held_up_is_held_up_by_what_is_true(pools, ground):
    used = begun(pools, ground)
    left = ground["left"] - sum(one.site.per_hour for one in used)
    for pool, made in each(pools, ground):
        sizes = {job.job_id: job.size for job in pool.demands}
        for job_id, reason in made.held_up.items():
            size = sizes[job_id]
            match reason:
                case PoolMaximum():
                    assert len(holding(pool)) + reason.promised >= pool.limits.max_vms - len(made.start)
                case Balance():
                    assert reason.missing > 0 and reason.per_hour == PRICE[size]
                    assert left - reason.promised < PRICE[size] or any(one.job_id is None for one in used)
                case TooDear():
                    assert size in ground["never"]
                case NoNodeNow():
                    assert ground[size] <= sum(one.size == size for one in used)
                case GridRefused():
                    assert any(one.refused == reason and one.size == size for one in pool.vms)
                case _:
                    raise AssertionError(reason)


@given(teams(), grounds)
def test_of_equal_jobs_the_older_is_never_behind(pools, ground):
    """Behind: held up while a younger one is served, or waiting for a VM in an earlier state."""
    for pool, made in each(pools, ground):
        if any(vm.refused for vm in pool.vms):
            continue  # the grid refused the older one's VM, which says nothing of the younger one's
        state = {vm.id: vm.state for vm in pool.vms}

        def rank(job, made=made, state=state):
            if job.job_id in made.held_up:
                return 7
            return RANK[state[made.vm_of_job[job.job_id]]] if job.job_id in made.vm_of_job else 6

        for key in {(job.connection_id, job.label_key) for job in pool.demands}:
            alike = [job for job in pool.demands if (job.connection_id, job.label_key) == key]
            by_age = [rank(job) for job in sorted(alike, key=lambda job: (job.since, job.job_id))]
            assert by_age == sorted(by_age)


@given(teams(), grounds)
def test_nothing_is_kept_ready_while_a_job_of_the_team_waits_for_what_that_takes(pools, ground):
    """TFT of the team, or a place in the pool."""
    plans = planned(pools, ground)
    short = any(isinstance(reason, Balance) for made in plans.values() for reason in made.held_up.values())
    for made in plans.values():
        full = any(isinstance(reason, PoolMaximum) for reason in made.held_up.values())
        assert not (short or full) or all(one.job_id is not None for one in made.start)


@given(teams(), grounds)
def test_a_minimum_is_kept_or_it_is_said_why_not(pools, ground):
    for pool, made in each(pools, ground):
        taken = {*made.retire, *made.vm_of_job.values()}
        here = [vm for vm in pool.vms if vm.state in FREE and not vm.leaving]
        spare = [vm for vm in here if not vm.scope and not vm.outdated]
        kept = Counter(vm.size for vm in spare if vm.id not in taken)
        kept += Counter(one.size for one in made.start if one.job_id is None)
        for size, minimum in pool.limits.min_vms.items():
            assert kept[size] >= minimum or size in made.not_ready


@settings(max_examples=300)
@given(teams(), grounds)
def test_planning_again_after_carrying_out_gives_an_empty_plan(pools, ground):
    plans = planned(pools, ground)
    began = [one for made in plans.values() for one in made.start]
    after = [replace(pool, vms=carried_out(plans[pool.id], pool.vms)) for pool in pools]
    left = ground | {size: ground[size] - sum(one.size == size for one in began) for size in SIZES}
    left["left"] = ground["left"] - sum(one.site.per_hour for one in began)
    for made in planned(after, left).values():
        assert (made.bind, made.start, made.retire) == ({}, [], {})


@given(teams(), grounds)
def test_planning_does_not_depend_on_the_order_of_what_it_is_told(pools, ground):
    turned = [replace(pool, demands=pool.demands[::-1], vms=pool.vms[::-1]) for pool in pools]
    assert planned(pools, ground) == planned(turned, ground)


def a_while_later(pool):
    """VMs arrive, run one job of their label set and go; those that leave are gone."""
    waiting, after = list(pool.demands), []
    for vm in pool.vms:
        if vm.state == "assigned":
            kind = (vm.connection_id, vm.label_key)
            mine = [job for job in waiting if (job.connection_id, job.label_key) == kind]
            waiting = [job for job in waiting if job not in mine[:1]]
        elif vm.state in FREE and not vm.leaving:
            after.append(replace(vm, state="standby"))
        elif vm.state == "unplaced":
            after.append(replace(vm, refused=None))
    return replace(pool, demands=waiting, vms=after)


@given(teams())
def test_every_job_has_run_in_the_end(pools):
    """With TFT for two VMs more than what runs at first, whatever is kept ready."""
    balance = 16 + sum(vm.per_hour for pool in pools for vm in pool.vms)
    for _ in range(4 * sum(len(pool.demands) for pool in pools) + 2):
        left = balance - sum(vm.per_hour for pool in pools for vm in pool.vms)
        plans = planned(pools, {"left": left})
        pools = [a_while_later(replace(pool, vms=carried_out(plans[pool.id], pool.vms))) for pool in pools]
    assert not any(pool.demands for pool in pools)
