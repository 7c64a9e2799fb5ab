"""Retire a VM by hand: never from under a job."""

import pytest

from runners.reasons.refusals import VmRunsJob
from runners.reasons.retirements import RetiredBy
from runners.vms import retiring
from tests.builders import NOON, a_user, a_vm
from tfci.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["wanted", "deploying", "booting", "standby", "assigned"])
def test_a_vm_without_a_job_is_wished_away_and_due_at_once(state):
    vm, who = a_vm(state, next_step_at=NOON.replace(hour=13)), a_user()
    assert retiring.retire(vm, who, NOON)
    vm.refresh_from_db()
    assert (vm.state, vm.typed_retire_reason, vm.next_step_at) == (state, RetiredBy(str(who)), NOON)
    assert AuditEntry.objects.get().on == vm.name


def test_a_vm_that_runs_a_job_is_left_alone():
    vm = a_vm("busy")
    with pytest.raises(retiring.InUse) as refused:
        retiring.retire(vm, a_user(), NOON)
    assert refused.value.reason == VmRunsJob(str(vm))
    vm.refresh_from_db()
    assert vm.retire_reason == ""
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"state": "removing"}, {"state": "gone"}, {"retire_reason": "pool_deleted"}]
)
def test_a_vm_that_is_going_is_not_told_twice(fields):
    assert not retiring.retire(a_vm(**fields), a_user(), NOON)
    assert not AuditEntry.objects.exists()
