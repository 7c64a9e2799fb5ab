"""Debug access by API: for a person and the keys that this person keeps, never for a key of the script's own."""

import pytest
from django.utils import timezone

from runners.models import VM, DebugAccess
from runners.reasons.refusals import NoJobRuns
from tests.builders import NOON, a_debug_access, a_job, a_membership, a_pool, a_runner, a_vm
from tests.house import PUBLIC_KEY
from tfci.accounts import ssh_keys
from tfci.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db

VM_KEY = PUBLIC_KEY.rpartition(" ")[0]


@pytest.fixture(autouse=True)
def on_the_local_grid(settings):
    settings.GRID = "local"


@pytest.fixture
def vm(team):
    vm = a_vm("busy", a_pool(team), addresses={"ssh": "127.0.0.1:20123"})
    job = a_job(vm.pool.connections.first(), "in_progress", pool=vm.pool)
    a_runner(vm, job=job, taken_at=timezone.now())
    return vm


@pytest.fixture
def admin(team):
    person = a_membership(team, role="admin").user
    ssh_keys.add(person, ssh_keys.read(PUBLIC_KEY), "", NOON)
    return person


def test_it_is_opened_for_a_person_and_tells_the_command_once_the_vm_has_answered(writer, vm, admin):
    answer = writer.post(f"/vms/{vm.pk}/debug", person=admin.email.upper(), minutes=15)
    assert (answer.status, answer.said["person"], answer.said["command"]) == (202, admin.email, None)
    DebugAccess.objects.update(host_key=VM_KEY)
    said = writer.get(f"/vms/{vm.pk}/debug").said
    assert said["command"] == "ssh -p 20123 root@127.0.0.1"
    assert said["known_host"] == f"[127.0.0.1]:20123 {VM_KEY}" and said["host_key"] == VM_KEY
    assert AuditEntry.objects.get(what="vms.debug").who == str(writer.token)


def test_a_key_in_the_body_is_no_field_of_it(writer, vm, admin):
    answer = writer.post(f"/vms/{vm.pk}/debug", person=admin.email, key=PUBLIC_KEY)
    assert "Unknown field." in answer.problem(422)


@pytest.mark.parametrize("role", ["member", "viewer", None])
def test_nobody_is_let_in_who_may_not_open_it_himself(writer, vm, team, role):
    person = (a_membership(team, role=role) if role else a_membership(role="owner")).user
    ssh_keys.add(person, ssh_keys.read(PUBLIC_KEY), "", NOON)
    answer = writer.post(f"/vms/{vm.pk}/debug", person=person.email)
    assert "No owner or admin of this team" in answer.problem(422)
    assert not DebugAccess.objects.exists()


def test_what_stands_against_it_is_told(writer, vm, admin):
    VM.objects.update(state="standby")
    assert str(NoJobRuns()) in writer.post(f"/vms/{vm.pk}/debug", person=admin.email).problem(409)


def test_it_is_closed(writer, vm, admin):
    a_debug_access(vm, admin, opened_at=timezone.now())
    assert writer.delete(f"/vms/{vm.pk}/debug").said["closed_at"]
    assert writer.delete(f"/vms/{vm.pk}/debug").status == 202


def test_a_vm_that_was_never_opened_has_none_to_read(writer, vm):
    assert "never opened" in writer.get(f"/vms/{vm.pk}/debug").problem(404)
