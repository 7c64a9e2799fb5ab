"""A job on a VM that ran others before and after it: its page tells of its own stay there alone."""

from datetime import timedelta

import pytest

from runners.jobs import timeline
from runners.models import Event, Job, Refresh
from runners.web.views import stay
from tests.builders import NOON, a_job, a_pool, a_runner, a_vm
from tfci.core.reasons import Other, columns

pytestmark = pytest.mark.django_db


def at(minute):
    return NOON + timedelta(minutes=minute)


@pytest.fixture
def vm():
    """Minutes 0 to 10 for one job, 12 to 20 for another; it came back at 11 and at 21."""
    vm = a_vm("standby", a_pool(), scope="repository:1:acme/app", tail="hello again\n")
    for began, back in ((10, 11), (20, 21)):
        Refresh.objects.create(vm=vm, began_at=at(began), claimed_at=at(back))
    for minute in (1, 9, 13, 19, 25):
        Event.objects.create(team=vm.team, vm=vm, **columns(Other(f"minute {minute}")), at=at(minute))
    return vm


def a_stay(vm, bound, done, said):
    job = a_job(vm.pool.connections.get(), "completed", pool=vm.pool, vm=vm)
    a_runner(vm, job, job=job, bound_at=at(bound), done_at=at(done), deregistered_at=at(done), tail=said)
    return job


def read(job):
    return timeline.read(timeline.joined(Job.objects.filter(pk=job.pk)))[0]


def told(job):
    job = read(job)
    return [str(event.typed_reason) for event in stay.events(job, stay.load(job))]


def test_each_job_keeps_its_own_words_and_events(vm):
    first, second = a_stay(vm, 0, 10, "first\n"), a_stay(vm, 12, 20, "second\n")
    assert (stay.load(read(first)).tail, told(first)) == ("first\n", ["minute 9", "minute 1"])
    assert (stay.load(read(second)).tail, told(second)) == ("second\n", ["minute 19", "minute 13"])


def test_a_job_that_runs_there_now_shows_what_is_said_now(vm):
    job = a_job(vm.pool.connections.get(), "in_progress", pool=vm.pool, vm=vm)
    a_runner(vm, job, job=job, bound_at=at(24))
    assert stay.load(read(job)) == stay.Stay(at(20), None, "hello again\n")
    assert told(job) == ["minute 25"]


def test_one_that_waits_for_the_reboot_is_not_shown_the_words_of_the_job_before(vm):
    vm.state = "refreshing"
    vm.save()
    job = a_job(vm.pool.connections.get(), pool=vm.pool, awaits=vm)
    assert stay.load(read(job)).tail == ""


def test_a_vm_of_one_job_is_told_of_whole():
    vm = a_vm("gone", tail="all of it\n")
    job = a_job(vm.pool.connections.get(), "completed", vm=vm)
    assert stay.load(read(job)) == stay.Stay(None, None, "all of it\n")


def test_a_job_without_a_vm_has_no_stay():
    assert stay.load(read(a_job())) == stay.Stay()
