"""Planning: demand against machines. `carried_out` is the world after a plan, as reconcile leaves it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from runners.rules import planning
from runners.rules.planning import Demand, Limits, Machine, plan

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LINGER = 5 * MINUTE


def a_job(job_id, size="small", org_id=1, label_key="", minutes_ago=0):
    return Demand(job_id, org_id, label_key or size, size, NOON - minutes_ago * MINUTE)


def a_machine(machine_id, state="standby", size="small", minutes_ago=0, **fields):
    return Machine(machine_id, size, state, NOON - minutes_ago * MINUTE, **fields)


def limits(max_vms=10, no_money="", **min_vms):
    return Limits(max_vms, min_vms, LINGER, no_money)


def carried_out(made, machines):
    """A bound machine is given, one to retire is leaving, wanted ones are there."""
    after = []
    for machine in machines:
        if job := made.bind.get(machine.id):
            machine = replace(
                machine, state="assigned", org_id=job.org_id, label_key=job.label_key, since=NOON
            )
        after.append(replace(machine, leaving=machine.leaving or machine.id in made.retire))
    free = max((machine.id for machine in machines), default=0) + 1
    return after + [Machine(free + n, size, "wanted", NOON) for n, size in enumerate(made.want)]


def test_nothing_to_do_is_an_empty_plan():
    assert plan([], [], limits(), NOON) == planning.Plan()


def test_a_job_is_bound_to_a_machine_of_its_size_that_stands_by():
    job = a_job(1)
    made = plan([job], [a_machine(1, size="large"), a_machine(2)], limits(), NOON)
    assert (made.bind, made.want, made.stands_for) == ({2: job}, [], {1: 2})


def test_a_refreshed_machine_is_given_to_jobs_of_its_scope_alone():
    job, stranger = replace(a_job(1, minutes_ago=1), scopes=("repository:1:acme/app", "")), a_job(2)
    machine = a_machine(1, scope="repository:1:acme/app")
    assert plan([job], [machine], limits(), NOON).bind == {1: job}
    made = plan([stranger], [machine], limits(), NOON)
    assert (made.bind, made.want) == ({}, ["small"])


def test_a_refreshed_machine_goes_first_for_it_serves_fewest():
    job = replace(a_job(1), scopes=("repository:1:acme/app", ""))
    machines = [a_machine(1, minutes_ago=3), a_machine(2, scope="repository:1:acme/app")]
    assert plan([job], machines, limits(), NOON).bind == {2: job}


def test_a_machine_that_reboots_is_waited_for_by_jobs_of_its_scope():
    job = replace(a_job(1), scopes=("organisation:1", ""))
    machines = [a_machine(1, "booting"), a_machine(2, "refreshing", scope="organisation:1")]
    assert plan([job], machines, limits(), NOON).stands_for == {1: 2}


def test_a_refreshed_machine_keeps_no_minimum_for_it_serves_not_all():
    made = plan([], [a_machine(1, scope="organisation:1")], limits(small=1), NOON)
    assert (made.want, made.retire) == (["small"], {})


def test_a_machine_that_the_pool_would_make_otherwise_now_goes_and_is_given_to_nobody():
    job = a_job(1)
    machines = [
        a_machine(1, outdated="another protection"),
        a_machine(2, "wanted", outdated="another protection"),
        a_machine(3, "booting", outdated="another protection"),
    ]
    made = plan([job], machines, limits(), NOON)
    assert (made.bind, made.want) == ({}, ["small"])
    assert made.retire == {1: "another protection", 2: "another protection"}


def test_a_machine_that_has_a_runner_already_ends_its_job_as_it_is():
    machine = a_machine(1, "assigned", org_id=1, label_key="small", outdated="another protection")
    assert plan([a_job(1)], [machine], limits(), NOON).stands_for == {1: 1}


def test_the_oldest_job_gets_the_most_advanced_machine():
    jobs = [a_job(n, minutes_ago=n) for n in (1, 2, 3, 4, 5)]
    machines = [
        a_machine(1, "wanted"),
        a_machine(2, "deploying"),
        a_machine(3, "booting"),
        a_machine(4, "standby"),
        a_machine(5, "assigned", org_id=1, label_key="small"),
    ]
    made = plan(jobs, machines, limits(), NOON)
    assert made.stands_for == {5: 5, 4: 4, 3: 3, 2: 2, 1: 1}
    assert (made.bind, made.want) == ({4: jobs[3]}, [])


def test_of_machines_in_one_state_the_one_that_has_been_in_it_longest_comes_first():
    machines = [a_machine(1, "booting", minutes_ago=1), a_machine(2, "booting", minutes_ago=2)]
    assert plan([a_job(1)], machines, limits(), NOON).stands_for == {1: 2}


def test_a_machine_given_to_a_label_set_stands_for_no_other():
    given_away = a_machine(1, "assigned", org_id=1, label_key="tfgrid\nsmall")
    made = plan([a_job(1), a_job(2, org_id=2, label_key="tfgrid\nsmall")], [given_away], limits(), NOON)
    assert (made.want, made.stands_for) == (["small", "small"], {})


def test_an_older_job_does_not_take_a_machine_given_to_another_label_set():
    machines = [a_machine(1, "assigned", org_id=1, label_key="b"), a_machine(2, "booting")]
    jobs = [a_job(1, label_key="a", minutes_ago=9), a_job(2, label_key="b")]
    assert plan(jobs, machines, limits(), NOON).stands_for == {1: 2, 2: 1}


def test_a_busy_machine_stands_for_nobody():
    assert plan([a_job(1)], [a_machine(1, "busy")], limits(), NOON).want == ["small"]


def test_each_job_knows_its_place_among_the_wanted():
    jobs = [a_job(1, "large", minutes_ago=1), a_job(2, minutes_ago=2)]
    made = plan(jobs, [], limits(), NOON)
    assert (made.want, made.meant_for) == (["small", "large"], {2: 0, 1: 1})


def test_label_sets_are_served_by_age_where_room_is_short():
    jobs = [a_job(n, label_key="many", minutes_ago=1) for n in range(5)] + [a_job(9, minutes_ago=2)]
    made = plan(jobs, [], limits(max_vms=2), NOON)
    assert made.meant_for.keys() == {9, 0}


def test_a_job_beyond_the_maximum_is_told_so():
    made = plan([a_job(1)], [a_machine(1, "busy")], limits(max_vms=1), NOON)
    assert (made.want, made.held_up) == ([], {1: "the pool has its maximum of 1 machine"})


def test_machines_that_leave_still_count_toward_the_maximum():
    leaving = [a_machine(1, leaving=True), a_machine(2, "removing")]
    made = plan([a_job(1)], leaving, limits(max_vms=2), NOON)
    assert (made.want, made.stands_for, list(made.held_up)) == ([], {}, [1])


def test_without_money_nothing_is_started_and_the_job_is_told():
    made = plan([a_job(1)], [], limits(no_money="for TFT", small=2), NOON)
    assert (made.want, made.held_up) == ([], {1: "for TFT"})


def test_without_money_a_job_is_still_bound_to_what_stands_by():
    made = plan([a_job(1)], [a_machine(1)], limits(no_money="for TFT"), NOON)
    assert list(made.bind) == [1]


def test_without_money_machines_that_nobody_needs_go_at_once():
    machines = [a_machine(1), a_machine(2, "wanted"), a_machine(3, "booting"), a_machine(4, "busy")]
    made = plan([a_job(1, "large")], machines, limits(no_money="for TFT", small=2), NOON)
    assert made.retire == {1: "for TFT", 2: "nothing needs it any more"}


# Room at the maximum


def test_at_the_maximum_a_machine_that_stands_by_makes_room_for_another_size():
    made = plan([a_job(1, "large")], [a_machine(1), a_machine(2)], limits(max_vms=2, small=2), NOON)
    assert made.retire == {1: "to make room for a job of another size"}


def test_one_that_is_not_ordered_yet_makes_room_before_one_that_stands_by():
    made = plan([a_job(1, "large")], [a_machine(1), a_machine(2, "wanted")], limits(max_vms=2), NOON)
    assert list(made.retire) == [2]


def test_a_machine_that_is_going_already_makes_room_enough():
    for going in (a_machine(1, leaving=True), a_machine(1, "removing"), a_machine(1, "busy", leaving=True)):
        made = plan([a_job(1, "large")], [going, a_machine(2)], limits(max_vms=2), NOON)
        assert made.retire == {}


def test_under_a_lowered_maximum_enough_go_for_one_to_come():
    machines = [a_machine(n) for n in range(4)]
    made = plan([a_job(1, "large")], machines, limits(max_vms=2), NOON)
    assert (len(made.retire), made.want) == (3, [])


def test_no_machine_on_its_way_goes_to_make_room():
    machines = [a_machine(1, "booting"), a_machine(2, "deploying")]
    assert plan([a_job(1, "large")], machines, limits(max_vms=2), NOON).retire == {}


# Minimum


def test_the_minimum_is_kept_beyond_demand():
    made = plan([a_job(1)], [a_machine(1)], limits(small=1, large=1), NOON)
    assert (list(made.bind), made.want, made.meant_for) == ([1], ["large", "small"], {})


def test_what_stands_by_and_what_is_on_its_way_count_toward_the_minimum():
    machines = [a_machine(n, state) for n, state in enumerate(("standby", "booting", "deploying", "wanted"))]
    assert plan([], machines, limits(small=4), NOON) == planning.Plan()


def test_given_and_busy_machines_do_not_count_toward_the_minimum():
    machines = [a_machine(1, "assigned", org_id=1, label_key="a"), a_machine(2, "busy")]
    assert plan([], machines, limits(small=1), NOON).want == ["small"]


def test_the_minimum_stays_within_the_maximum_and_behind_demand():
    made = plan([a_job(1, "large")], [], limits(max_vms=3, small=5), NOON)
    assert made.want == ["large", "small", "small"]


def test_a_machine_of_the_minimum_never_lingers_out():
    machines = [a_machine(1, minutes_ago=60), a_machine(2, minutes_ago=50)]
    assert plan([], machines, limits(small=1), NOON).retire == {2: "no job came for 5 minutes"}


# Linger


def test_a_machine_stays_for_as_long_as_it_may_linger():
    machines = [a_machine(1, minutes_ago=5), a_machine(2, minutes_ago=4)]
    assert plan([], machines, limits(), NOON).retire == {1: "no job came for 5 minutes"}


def test_a_wanted_machine_that_nothing_needs_any_more_goes_at_once():
    assert plan([], [a_machine(1, "wanted")], limits(), NOON).retire == {1: "nothing needs it any more"}


def test_a_machine_on_its_way_that_nothing_needs_may_still_come():
    machines = [a_machine(1, "deploying", minutes_ago=60), a_machine(2, "booting", minutes_ago=60)]
    assert plan([], machines, limits(), NOON) == planning.Plan()


# For any demand and any machines

SIZES = ("small", "large")
LABELS = {"small": ("s1", "s2"), "large": ("l1",)}
FREE = ("wanted", "deploying", "booting", "refreshing", "standby")
SCOPES = ("", "", "repository:1", "organisation:1", "organisation:2")


@st.composite
def demands(draw):
    jobs = []
    for job_id in range(draw(st.integers(0, 4))):
        size = draw(st.sampled_from(SIZES))
        org_id, key = draw(st.integers(1, 2)), draw(st.sampled_from(LABELS[size]))
        job = a_job(job_id, size, org_id, key, minutes_ago=draw(st.integers(0, 9)))
        jobs.append(replace(job, scopes=(f"repository:{org_id}", f"organisation:{org_id}", "")))
    return jobs


@st.composite
def fleets(draw):
    machines = []
    for machine_id in range(1, draw(st.integers(0, 8)) + 1):
        size = draw(st.sampled_from(SIZES))
        state = draw(st.sampled_from((*FREE, "standby", "standby", "assigned", "busy", "removing")))
        bound = state == "assigned"
        fields = {
            "org_id": draw(st.integers(1, 2)) if bound else None,
            "label_key": draw(st.sampled_from(LABELS[size])) if bound else None,
            "leaving": draw(st.sampled_from([False, False, True])),
            "scope": draw(st.sampled_from(SCOPES)),
            "outdated": draw(st.sampled_from(["", "", "", "made otherwise now"])),
        }
        machines.append(a_machine(machine_id, state, size, draw(st.integers(0, 9)), **fields))
    return machines


bounds = st.builds(
    Limits,
    max_vms=st.integers(1, 6),
    min_vms=st.dictionaries(st.sampled_from(SIZES), st.integers(0, 4)),
    linger=st.sampled_from([0, 5, 60]).map(lambda minutes: minutes * MINUTE),
    no_money=st.sampled_from(["", "", "for TFT"]),
)


@given(demands(), fleets(), bounds)
def test_planning_never_goes_above_the_maximum(jobs, machines, limits):
    made = plan(jobs, machines, limits, NOON)
    assert not made.want or len(machines) + len(made.want) <= limits.max_vms


@given(demands(), fleets(), bounds)
def test_planning_retires_only_what_nobody_has(jobs, machines, limits):
    made = plan(jobs, machines, limits, NOON)
    retired = [machine for machine in machines if machine.id in made.retire]
    assert {machine.state for machine in retired} <= {"standby", "wanted"}
    assert not any(machine.leaving for machine in retired)
    assert made.retire.keys().isdisjoint(made.bind.keys() | set(made.stands_for.values()))


@given(demands(), fleets(), bounds)
def test_every_job_has_exactly_one_answer(jobs, machines, limits):
    made = plan(jobs, machines, limits, NOON)
    answers = Counter([*made.stands_for, *made.meant_for, *made.held_up])
    assert answers == Counter(job.job_id for job in jobs)


@given(demands(), fleets(), bounds)
def test_every_job_waits_for_a_machine_of_its_own_that_can_run_it(jobs, machines, limits):
    made = plan(jobs, machines, limits, NOON)
    by_id, job_of = {machine.id: machine for machine in machines}, {job.job_id: job for job in jobs}
    assert len(set(made.stands_for.values())) == len(made.stands_for)
    assert len(set(made.meant_for.values())) == len(made.meant_for)
    for job_id, machine_id in made.stands_for.items():
        job, machine = job_of[job_id], by_id[machine_id]
        assert not machine.leaving
        if machine.state == "assigned":
            assert (machine.org_id, machine.label_key) == (job.org_id, job.label_key)
        else:
            assert machine.state in FREE and machine.size == job.size
            assert machine.scope in job.scopes and not machine.outdated
        assert (made.bind.get(machine_id) == job) == (machine.state == "standby")
    for job_id, place in made.meant_for.items():
        assert made.want[place] == job_of[job_id].size


@given(demands(), fleets(), bounds)
def test_nothing_is_held_up_while_there_is_room_and_money(jobs, machines, limits):
    made = plan(jobs, machines, limits, NOON)
    if made.held_up and not limits.no_money:
        assert len(machines) + len(made.want) >= limits.max_vms


@given(demands(), fleets(), bounds)
def test_of_equal_jobs_the_older_is_never_behind(jobs, machines, limits):
    """Behind: held up while a younger one is served, or waiting for a machine in an earlier state."""
    made = plan(jobs, machines, limits, NOON)
    ranks = {"assigned": 0, "standby": 1, "refreshing": 2, "booting": 3, "deploying": 4, "wanted": 5}
    state = {machine.id: machine.state for machine in machines}

    def rank(job):
        if job.job_id in made.held_up:
            return 7
        return ranks[state[made.stands_for[job.job_id]]] if job.job_id in made.stands_for else 6

    for key in {(job.org_id, job.label_key) for job in jobs}:
        alike = [job for job in jobs if (job.org_id, job.label_key) == key]
        by_age = [rank(job) for job in sorted(alike, key=lambda job: (job.since, job.job_id))]
        assert by_age == sorted(by_age)


@given(demands(), fleets(), bounds)
def test_a_minimum_is_kept_wherever_room_and_money_allow(jobs, machines, limits):
    made = plan(jobs, machines, limits, NOON)
    if limits.no_money or len(machines) + len(made.want) >= limits.max_vms:
        return
    taken = {*made.retire, *made.stands_for.values()}
    here = [machine for machine in machines if machine.state in FREE and not machine.leaving]
    spare = [machine for machine in here if not machine.scope and not machine.outdated]
    kept = Counter(machine.size for machine in spare if machine.id not in taken)
    kept += Counter(size for place, size in enumerate(made.want) if place not in made.meant_for.values())
    assert all(kept[size] >= minimum for size, minimum in limits.min_vms.items())


@settings(max_examples=300)
@given(demands(), fleets(), bounds)
def test_planning_again_after_carrying_out_gives_an_empty_plan(jobs, machines, limits):
    after = carried_out(plan(jobs, machines, limits, NOON), machines)
    again = plan(jobs, after, limits, NOON)
    assert (again.bind, again.want, again.retire) == ({}, [], {})


@given(demands(), fleets(), bounds)
def test_planning_does_not_depend_on_the_order_of_what_it_is_told(jobs, machines, limits):
    assert plan(jobs, machines, limits, NOON) == plan(jobs[::-1], machines[::-1], limits, NOON)


def a_while_later(jobs, machines):
    """Machines arrive, run one job of their label set and go; those that leave are gone."""
    waiting, after = list(jobs), []
    for machine in machines:
        if machine.state == "assigned":
            mine = [
                job for job in waiting if (job.org_id, job.label_key) == (machine.org_id, machine.label_key)
            ]
            waiting = [job for job in waiting if job not in mine[:1]]
        elif machine.state in FREE and not machine.leaving:
            after.append(replace(machine, state="standby"))
    return waiting, after


@given(demands(), fleets(), bounds)
def test_every_job_has_run_in_the_end(jobs, machines, limits):
    limits = replace(limits, no_money="")
    for _ in range(4 * len(jobs) + 1):
        machines = carried_out(plan(jobs, machines, limits, NOON), machines)
        jobs, machines = a_while_later(jobs, machines)
    assert jobs == []
