"""A job's time, phase by phase."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from redis import RedisError

from runners.jobs import timeline
from runners.models import Job, Refresh
from tests.builders import NOON, a_job, a_pool, a_runner, a_vm

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
USUAL = timeline.Usual(
    {
        "decided": SECOND,
        "ordered": SECOND,
        "sent": SECOND,
        "deployed": 30 * SECOND,
        "booted": 10 * SECOND,
        "registered": SECOND,
        "started": 2 * SECOND,
    }
)


def seconds(n):
    return NOON + n * SECOND


@pytest.fixture
def pool():
    return a_pool()


def the_job(pool, **fields):
    return a_job(pool.connections.get(), pool=pool, discovered_at=seconds(1), **fields)


def read(job):
    return timeline.read(timeline.joined(Job.objects.filter(pk=job.pk)))[0]


def phases(found):
    return {phase.name: phase.status for phase in found}


def test_a_job_that_nothing_stands_for_is_in_its_decision_and_no_later_leg_is_promised(pool):
    found = timeline.phases(read(the_job(pool)), USUAL, seconds(2))
    assert phases(found) == {"heard": "done", "decided": "now"}


def test_a_job_whose_vm_is_being_deployed_shows_all_that_is_to_come(pool):
    vm = a_vm("deploying", pool, ordered_at=seconds(2), sent_at=seconds(3))
    found = timeline.phases(read(the_job(pool, decided_at=seconds(2), awaits=vm)), USUAL, seconds(13))
    assert phases(found) == {
        "heard": "done",
        "decided": "done",
        "ordered": "done",
        "sent": "done",
        "deployed": "now",
        "booted": "next",
        "registered": "next",
        "started": "next",
        "completed": "next",
    }
    assert [phase.stop for phase in found if phase.name in ("deployed", "booted", "started")] == [
        seconds(33),
        seconds(43),
        seconds(46),
    ]


def test_a_leg_that_takes_longer_than_usual_ends_now_at_the_earliest(pool):
    vm = a_vm("deploying", pool, ordered_at=seconds(2), sent_at=seconds(3))
    present = timeline.phases(read(the_job(pool, decided_at=seconds(2), awaits=vm)), USUAL, seconds(63))[4]
    assert (present.stop, present.late(seconds(63))) == (seconds(63), True)


def test_a_node_with_a_record_of_its_own_is_expected_to_keep_it(pool):
    vm = a_vm("deploying", pool, ordered_at=seconds(2), sent_at=seconds(3))
    vm.node.deploy_ms = [4000, 6000, 5000]
    vm.node.save()
    present = timeline.phases(read(the_job(pool, decided_at=seconds(2), awaits=vm)), USUAL, seconds(4))[4]
    assert present.stop == seconds(8)


def test_a_vm_that_stood_by_leaves_no_legs_of_its_own(pool):
    vm = a_vm("assigned", pool, claimed_at=NOON)
    job = the_job(pool, decided_at=seconds(2), awaits=vm)
    a_runner(vm, job, registered_at=seconds(3))
    assert phases(timeline.phases(read(job), USUAL, seconds(4))) == {
        "heard": "done",
        "decided": "done",
        "registered": "done",
        "started": "now",
        "completed": "next",
    }


def rebooted(vm, began, back=None):
    return Refresh.objects.create(vm=vm, began_at=seconds(began), claimed_at=back and seconds(back))


def test_a_job_that_waits_for_a_vm_to_start_anew_has_that_leg_in_place_of_a_new_vms(pool):
    vm = a_vm(
        "refreshing", pool, scope="repository:1:acme/app", ordered_at=seconds(2), deployed_at=seconds(3)
    )
    job = the_job(pool, decided_at=seconds(20), awaits=vm)
    rebooted(vm, 19)
    assert phases(timeline.phases(read(job), USUAL, seconds(22))) == {
        "heard": "done",
        "decided": "done",
        "refreshed": "now",
        "registered": "next",
        "started": "next",
        "completed": "next",
    }


def test_a_reboot_before_the_job_was_heard_of_is_no_part_of_its_wait(pool):
    vm = a_vm("busy", pool, scope="repository:1:acme/app")
    job = the_job(pool, state="in_progress", decided_at=seconds(2), started_at=seconds(5), vm=vm)
    rebooted(vm, -9, -3)
    a_runner(vm, job, job=job, bound_at=seconds(2), registered_at=seconds(3), taken_at=seconds(5))
    assert list(phases(timeline.phases(read(job), USUAL, seconds(8)))) == [
        *("heard", "decided", "registered", "started", "completed")
    ]


def test_the_first_job_of_a_vm_keeps_the_legs_that_it_had(pool):
    """Whatever reboots came after it."""
    vm = a_vm("standby", pool, scope="repository:1:acme/app", ordered_at=seconds(3), claimed_at=seconds(9))
    job = the_job(pool, state="completed", decided_at=seconds(2), started_at=seconds(11), vm=vm)
    times = {"bound_at": seconds(9), "registered_at": seconds(10), "taken_at": seconds(11)}
    a_runner(vm, job, job=job, done_at=seconds(20), deregistered_at=seconds(21), **times)
    rebooted(vm, 20, 24)
    found = phases(timeline.phases(read(job), USUAL, seconds(30)))
    assert "booted" in found and "refreshed" not in found


def test_how_long_reboots_take_is_learned_apart_from_boots(pool):
    vm = a_vm("busy", pool, scope="repository:1:acme/app", deployed_at=seconds(0), claimed_at=seconds(9))
    rebooted(vm, 20, 24)
    a_runner(vm, bound_at=seconds(25), registered_at=seconds(26), taken_at=seconds(27))
    usual = timeline.usual().phases
    assert usual["refreshed"] == 4 * SECOND
    assert "booted" not in usual


def test_the_legs_of_a_job_that_is_over_fill_its_time_without_a_gap(pool):
    vm = a_vm(
        "gone",
        pool,
        ordered_at=seconds(3),
        sent_at=seconds(4),
        deployed_at=seconds(30),
        claimed_at=seconds(40),
    )
    job = the_job(pool, state="completed", decided_at=seconds(2), started_at=seconds(41), vm=vm)
    a_runner(
        vm,
        job,
        job=job,
        registered_at=seconds(42),
        started_at=seconds(43),
        taken_at=seconds(44),
        done_at=seconds(60),
        deregistered_at=seconds(61),
    )
    found = timeline.phases(read(job), USUAL, seconds(100))
    assert [phase.name for phase in found] == [name for name in timeline.OWNERS if name != "refreshed"]
    assert [phase.start for phase in found] == [NOON, *(phase.stop for phase in found[:-1])]
    assert found[-1].took(seconds(100)) == 17 * SECOND


def test_a_job_that_a_foreign_runner_took_skips_what_was_ours(pool):
    job = the_job(pool, state="in_progress", started_at=seconds(5), foreign_runner="old-faithful")
    assert phases(timeline.phases(read(job), USUAL, seconds(9))) == {
        "heard": "done",
        "started": "done",
        "completed": "now",
    }


def test_clocks_that_disagree_make_no_leg_negative(pool):
    job = the_job(pool, state="in_progress", queued_at=seconds(4), started_at=seconds(3), foreign_runner="x")
    assert all(
        phase.took(seconds(9)) >= timedelta() for phase in timeline.phases(read(job), USUAL, seconds(9))
    )


def test_the_usual_time_is_the_median_of_what_was_seen(pool):
    for took in (2, 8, 4):
        vm = a_vm("gone", pool, ordered_at=NOON, deployed_at=seconds(took), claimed_at=seconds(took + 1))
        job = the_job(pool, state="completed")
        a_runner(
            vm,
            job,
            job=job,
            registered_at=seconds(1),
            started_at=seconds(2),
            taken_at=seconds(3),
            deregistered_at=seconds(9),
        )
    cache.clear()
    usual = timeline.usual().phases
    assert (usual["deployed"], usual["booted"], usual["started"]) == (4 * SECOND, SECOND, SECOND)


def test_the_usual_times_are_remembered_for_a_moment_and_counted_where_the_cache_is_silent(
    django_assert_num_queries, monkeypatch
):

    def down(*_):
        raise RedisError

    cache.clear()
    timeline.usual()
    with django_assert_num_queries(0):
        timeline.usual()
    monkeypatch.setattr(cache, "get_or_set", down)
    with django_assert_num_queries(1):
        timeline.usual()


def test_what_a_job_usually_takes_is_read_from_its_like(pool):
    for took in (10, 30):
        the_job(pool, state="completed", conclusion="success", started_at=NOON, completed_at=seconds(took))
    assert timeline.usual_length(timeline.similar_jobs(the_job(pool))) is None
    the_job(pool, state="completed", conclusion="success", started_at=NOON, completed_at=seconds(20))
    the_job(pool, state="completed", conclusion="failure", started_at=NOON, completed_at=seconds(999))
    assert timeline.usual_length(timeline.similar_jobs(the_job(pool))) == 20 * SECOND
    assert timeline.usual_length(timeline.similar_jobs(the_job(pool, name="another"))) is None


def test_reading_many_jobs_takes_no_query_for_each(pool, django_assert_num_queries):
    for _ in range(3):
        the_job(pool, decided_at=seconds(2), awaits=a_vm("booting", pool))
    with django_assert_num_queries(2):
        for job in timeline.read(timeline.joined(Job.objects.all())):
            timeline.phases(job, USUAL, seconds(4))


@pytest.mark.parametrize("state", ["waiting", "refused"])
def test_nobody_here_is_said_to_work_on_a_job_that_its_forge_holds_back_or_that_is_refused(pool, state):
    found = timeline.phases(read(the_job(pool, state=state)), USUAL, seconds(500))
    assert phases(found) == {"heard": "done"}
