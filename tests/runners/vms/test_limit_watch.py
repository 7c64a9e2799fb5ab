"""Running jobs over a spending limit: they end where their pool says so."""

from datetime import timedelta

import pytest

from runners.jobs import failure_advice, timeline
from runners.models import VM, Event, Job
from runners.reasons.ends import LimitEndedJob
from runners.tasks import upkeep
from runners.vms import limit_watch
from tests.builders import NOON, a_limit, a_pool
from tests.runners.vms.test_lifecycle import a_busy
from tests.walks import walk
from tests.worlds import a_world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = NOON + HOUR  # 2.125 TFT


def a_running(**fields):
    world, forge, _, clock = a_world()
    vm, runner = a_busy(forge, pool=a_pool(**fields))
    return vm, runner, world, clock


@pytest.mark.parametrize(
    "limit, ends",
    [
        ({"tft": "2"}, True),
        ({"tft": "3"}, False),
        ({"tft": "2", "stops": False}, False),
        ({"tft": "2", "period": "job"}, True),
        ({"tft": "3", "period": "job"}, False),
        ({"tft": "2", "period": "job", "stops": False}, False),
        ({"tft": "2", "scope": "repository", "repository": "acme/other"}, False),
    ],
    ids=str,
)
def test_it_ends_where_its_pool_says_so_and_the_limit_stops(limit, ends):
    vm, _, _, _ = a_running(end_jobs_at_limit=True)
    a_limit(vm.team, **limit)
    expected = {vm.pk} if ends else set()
    assert limit_watch.check(vm.team_id, LATER).effects.vms == expected
    assert limit_watch.check(vm.team_id, LATER).effects.vms == set()
    vm.refresh_from_db()
    assert (vm.retire_reason == "limit_reached") == ends


def test_by_default_it_goes_on_and_a_limit_per_job_is_noted_once():
    vm, runner, _, _ = a_running()
    a_limit(vm.team, "2")
    a_limit(vm.team, "2", period="job")
    for _ in range(2):
        checked = limit_watch.check(vm.team_id, LATER)
        assert checked.effects.vms == set()
        assert [one.job_id for one in checked.over] == [runner.job_id]
    event = Event.objects.get(vm=vm, reason="job_over_limit")
    assert "the job has cost 2.125 TFT so far" in str(event.typed_reason)
    vm.refresh_from_db()
    assert vm.retire_reason == ""


def test_its_job_says_which_limit_ended_it(time_machine):
    vm, runner, world, clock = a_running(end_jobs_at_limit=True, name="linux")
    a_limit(vm.team, "2", scope="pool", pool_id=vm.pool_id)
    clock.now = LATER
    VM.objects.update(last_heartbeat_at=LATER)
    time_machine.move_to(LATER, tick=False)
    upkeep.watch_limits()
    assert walk(vm, world, clock).state == "removing"
    job = Job.objects.select_related("vm", "pool", "connection").get(pk=runner.job_id)
    job.state, job.conclusion = "completed", "failure"
    timeline.read([job])
    found = failure_advice.remedy(job).reason
    assert isinstance(found, LimitEndedJob)
    assert str(found).startswith("the spending limit of 2 TFT a day for the pool linux is reached")
    assert not found.vm_failed
