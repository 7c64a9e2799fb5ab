"""Steps of VMs: what follows from one is enqueued at once."""

import pytest

from runners import gateways
from runners.models import VM, Job
from runners.tasks import vm_steps
from tests.builders import NOON
from tests.runners.vms.test_lifecycle import a_busy, an_assigned
from tests.worlds import a_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def forge(monkeypatch):
    world, forge, _, _ = a_world()
    monkeypatch.setattr(gateways, "GATEWAYS", world)
    return forge


def decided(sent):
    return [ids["pool_id"] for name, ids in sent if name.endswith("reconcile_pool")]


def test_a_job_whose_end_nobody_reported_makes_its_pool_decide_at_once(sent, forge):
    vm, runner = a_busy(forge, ended={"done_at": NOON})
    Job.objects.update(pool=vm.pool_id)
    forge.finish(runner.job.forge_job_id, "success")
    vm_steps.step(vm_id=vm.pk)
    assert VM.objects.get().state == "removing"
    assert decided(sent) == [vm.pool_id]


def test_so_does_one_that_a_forge_handed_over_unnoticed(sent, forge):
    vm, runner = an_assigned(forge)
    Job.objects.update(pool=vm.pool_id)
    VM.objects.update(last_heartbeat_at="2100-01-01T00:00Z")
    forge.start(runner.asked_for.forge_job_id, runner.forge_runner_id)
    vm_steps.step(vm_id=vm.pk)
    assert VM.objects.get().state != "assigned"
    assert decided(sent) == [vm.pool_id]
