"""Room at the maximum, the minimum that is kept, and how long a VM waits for a next job."""

from runners.pools.plans import Plan
from runners.reasons.retirements import Idle, MakesWay, Unplaced
from runners.reasons.waits import (
    PoolMaximum,
)
from tests.runners.pools.test_planner import NOON, a_job, a_vm, limits, plan, started

# Room at the maximum


def test_at_the_maximum_a_vm_that_stands_by_makes_way_for_another_size():
    made = plan([a_job(1, "large")], [a_vm(1), a_vm(2)], limits(max_vms=2, small=2), NOON)
    assert made.retire == {1: MakesWay()}
    assert made.held_up == {1: PoolMaximum(2)}


def test_nothing_makes_way_for_a_job_that_the_balance_would_not_cover_then():
    made = plan([a_job(1, "large")], [a_vm(1), a_vm(2)], limits(max_vms=2, small=2), left=3)
    assert made.retire == {}


def test_a_vm_that_is_going_already_makes_room_enough():
    for going in (a_vm(1, leaving=True), a_vm(1, "removing"), a_vm(1, "busy", leaving=True)):
        made = plan([a_job(1, "large")], [going, a_vm(2)], limits(max_vms=2), NOON)
        assert made.retire == {}


def test_under_a_lowered_maximum_enough_go_for_one_to_come():
    vms = [a_vm(n) for n in range(4)]
    made = plan([a_job(1, "large")], vms, limits(max_vms=2), NOON)
    assert (len(made.retire), started(made)) == (3, [])


def test_no_vm_on_its_way_goes_to_make_room():
    vms = [a_vm(1, "booting"), a_vm(2, "deploying"), a_vm(3, "wanted")]
    assert plan([a_job(1, "large")], vms, limits(max_vms=3), NOON).retire == {}


# Minimum


def test_the_minimum_is_kept_beyond_demand():
    made = plan([a_job(1)], [a_vm(1)], limits(small=1, large=1), NOON)
    assert (list(made.bind), [(one.size, one.job_id) for one in made.start]) == (
        [1],
        [("large", None), ("small", None)],
    )


def test_what_stands_by_and_what_is_on_its_way_count_toward_the_minimum():
    vms = [a_vm(n, state) for n, state in enumerate(("standby", "booting", "deploying", "wanted"))]
    assert plan([], vms, limits(small=4), NOON) == Plan()


def test_given_and_busy_vms_do_not_count_toward_the_minimum():
    vms = [a_vm(1, "assigned", connection_id=1, label_key="a"), a_vm(2, "busy")]
    assert started(plan([], vms, limits(small=1), NOON)) == ["small"]


def test_the_minimum_stays_within_the_maximum_and_behind_demand():
    made = plan([a_job(1, "large")], [], limits(max_vms=3, small=5), NOON)
    assert started(made) == ["large", "small", "small"]


def test_a_vm_of_the_minimum_never_lingers_out():
    vms = [a_vm(1, minutes_ago=60), a_vm(2, minutes_ago=50)]
    assert plan([], vms, limits(small=1), NOON).retire == {2: Idle(5)}


# Linger


def test_a_vm_stays_for_as_long_as_it_may_linger():
    vms = [a_vm(1, minutes_ago=5), a_vm(2, minutes_ago=4)]
    assert plan([], vms, limits(), NOON).retire == {1: Idle(5)}


def test_a_vm_that_no_node_has_and_nothing_needs_goes_at_once():
    made = plan([], [a_vm(1, "unplaced")], limits(), NOON)
    assert made.retire == {1: Unplaced()}


def test_a_vm_on_its_way_that_nothing_needs_may_still_come():
    vms = [a_vm(n, state, minutes_ago=60) for n, state in enumerate(("wanted", "deploying", "booting"))]
    assert plan([], vms, limits(), NOON) == Plan()
