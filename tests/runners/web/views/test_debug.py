"""The panel of debug access, and what is opened and closed by it."""

import pytest
from django.urls import reverse
from django.utils import timezone

from runners.models import VM, DebugAccess, Runner
from runners.reasons.refusals import HostKeyUnreadable
from tests.builders import a_debug_access
from tests.house import PUBLIC_KEY
from tests.people import client_of
from tfci.accounts import ssh_keys
from tfci.core.reasons import columns

pytestmark = pytest.mark.django_db

VM_KEY = PUBLIC_KEY.rpartition(" ")[0]


@pytest.fixture(autouse=True)
def on_the_local_grid(settings):
    settings.GRID = "local"


@pytest.fixture
def vm(house):
    """A job runs on it."""
    VM.objects.filter(pk=house.job.vm_id).update(addresses={"ssh": "127.0.0.1:20123"})
    Runner.objects.filter(vm=house.job.vm_id).update(taken_at=timezone.now())
    house.job.vm.refresh_from_db()
    return house.job.vm


@pytest.fixture
def admin(house):
    client = client_of("admin", house.team)
    ssh_keys.add(client.user, ssh_keys.read(PUBLIC_KEY), "", timezone.now())
    return client


@pytest.fixture
def address(house, vm):
    return lambda name: reverse(name, args=[house.team.slug, vm.pk])


def test_it_is_offered_on_the_vms_page_to_which_that_of_its_job_leads(admin, house, address):
    assert f"{address('vm')}#h-debug" in admin.get(house.address("job")).text
    text = admin.get(address("vm")).text
    assert "It gives full access to the job" in text and "2.1250000 TFT/h" in text
    assert address("vm_debug") in text


@pytest.mark.parametrize(("person", "sees"), [("member", True), ("viewer", False)])
def test_who_may_only_close_it_sees_it_once_it_is_open_without_the_way_in(person, sees, house, address, vm):
    client = client_of(person, house.team)
    assert "h-debug" not in client.get(address("vm")).text + client.get(house.address("job")).text
    there = a_debug_access(vm, opened_at=timezone.now(), host_key=VM_KEY)
    text = client.get(address("vm")).text
    assert (there.who in text) is (address("vm_debug_close") in text) is sees
    assert "ssh -p" not in text


def test_a_vm_without_a_job_has_no_panel(admin, house):
    assert "h-debug" not in admin.get(house.address("vm")).text


def test_who_keeps_no_key_is_led_to_where_one_is_added(house, address):
    text = client_of("owner", house.team).get(address("vm")).text
    assert f"{reverse('ssh_keys')}?next={address('vm')}%23h-debug" in text and address("vm_debug") not in text


def test_on_the_simulated_grid_it_says_why_there_is_nothing_to_sign_in_to(admin, address, settings):
    settings.GRID = "simulated"
    text = admin.get(address("vm")).text
    assert "programs on Farmhand’s own host" in text and address("vm_debug") not in text


def test_once_opened_it_is_first_said_that_the_vm_hears_of_it(admin, address, vm):
    text = admin.post(address("vm_debug"), {"minutes": 15}, follow=True).text
    there = DebugAccess.objects.get()
    assert (there.vm, there.user, there.keys) == (vm, admin.user, [VM_KEY])
    assert "is being opened" in text and "starts its SSH server within 10 seconds" in text
    assert "ssh -p" not in text


def test_then_the_exact_command_and_the_vms_own_key_are_shown(
    admin, address, vm, django_assert_max_num_queries
):
    a_debug_access(vm, admin.user, opened_at=timezone.now(), host_key=VM_KEY)
    admin.get(address("vm"))
    with django_assert_max_num_queries(12):
        text = admin.get(address("vm")).text
    assert "ssh -p 20123 root@127.0.0.1" in text
    assert f"[127.0.0.1]:20123 {VM_KEY}" in text
    assert ssh_keys.fingerprint(VM_KEY.split()[1]) in text
    assert "only on the host that Farmhand runs on" in text and "Mycelium" not in text


def test_over_the_overlay_it_says_that_its_daemon_is_needed(admin, address, vm):
    VM.objects.filter(pk=vm.pk).update(addresses={"mycelium": "400::1"})
    a_debug_access(vm, admin.user, opened_at=timezone.now(), host_key=VM_KEY)
    text = admin.get(address("vm")).text
    assert "ssh -p 22 root@400::1" in text and "over Mycelium. Its daemon must run on your computer" in text


def test_a_vm_that_is_kept_for_it_says_so_and_what_it_costs(admin, address, vm):
    now = timezone.now()
    VM.objects.filter(pk=vm.pk).update(state="kept")
    a_debug_access(vm, admin.user, opened_at=now, kept_at=now, host_key=VM_KEY)
    text = admin.get(address("vm")).text
    assert "the VM is kept only for this, at 2.1250000 TFT/h" in text and "Kept for debugging" in text


def test_why_a_vm_could_not_open_it_is_shown_beside_another_try(admin, address, vm):
    a_debug_access(vm, admin.user, closed_at=timezone.now(), **columns(HostKeyUnreadable(), "refusal"))
    text = admin.get(address("vm")).text
    assert str(HostKeyUnreadable()) in text and address("vm_debug") in text


@pytest.mark.parametrize("minutes", ["", "16", "x"])
def test_another_time_than_the_three_is_refused(admin, address, minutes):
    assert "is-failure" in admin.post(address("vm_debug"), {"minutes": minutes}, follow=True).text
    assert not DebugAccess.objects.exists()


def test_it_is_closed_by_its_button_after_a_question_by_whoever_may_retire_vms(house, address, vm):
    there = a_debug_access(vm, opened_at=timezone.now())
    member = client_of("member", house.team)
    assert there.who in member.get(address("vm_debug_close")).text
    assert "is being closed" in member.post(address("vm_debug_close"), follow=True).text
    there.refresh_from_db()
    assert there.closed_at
    assert "No debug access" in member.post(address("vm_debug_close"), follow=True).text
