"""The VMs, and the life of one."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing import ledger
from runners.metering import charges
from runners.models import Event, Refresh
from tests.builders import a_load, a_pool, a_vm
from tests.people import client_of
from tfci.core.reasons import Other, columns

pytestmark = pytest.mark.django_db


def test_the_list_narrows_by_state_and_pool(owner, house):
    other = a_vm("wanted", a_pool(house.team), reason="needs_node")
    url = reverse("vms", args=[house.team.slug])
    assert other.name in owner.get(url).text
    assert other.name not in owner.get(url, {"state": "standby"}).text
    assert other.name not in owner.get(url, {"pool": house.pool.pk}).text
    assert other.name not in owner.get(url, {"pool": "x"}).text
    assert other.name not in owner.get(url, {"state": "odd"}).text


def test_what_a_vm_costs_equals_the_ledger_once_it_is_settled(owner, house, now):
    gone = a_vm("gone", house.pool, contract_created_at=house.job.queued_at, contract_ended_at=now)
    charges.settle(gone, now)
    shown = owner.get(reverse("vm", args=[house.team.slug, gone.pk])).context
    assert shown["cost"] == shown["charged"] == ledger.spent(vm_id=gone.pk) > 0


def test_its_life_its_load_and_its_contracts_are_there(owner, house, now):
    Event.objects.create(
        team=house.team, vm=house.vm, was="booting", now="standby", **columns(Other("claimed")), at=now
    )
    a_load(house.vm, now, cpu=412, steal=3, memory=900, disk=2000)
    page = owner.get(house.address("vm")).text
    for words in ("Idle", "claimed", "41.2 %", "0.3 %", "900 MiB", "1, 2"):
        assert words in page


def test_a_retired_vm_is_wished_away_and_due(owner, house, now):
    answer = owner.post(house.address("vm_retire"), follow=True)
    assert "is being deleted" in answer.text
    house.vm.refresh_from_db()
    assert house.vm.retire_reason == "retired_by"
    assert house.vm.next_step_at >= now


def test_a_vm_that_is_gone_is_not_offered_for_retiring(owner, house):
    house.vm.state = "gone"
    house.vm.save()
    answer = owner.get(house.address("vm_retire"), follow=True)
    assert f"{house.vm.name} is already deleted." in answer.text
    assert house.address("vm_retire") not in answer.text


def test_a_vm_under_a_job_is_left_alone_with_a_sentence(owner, house):
    busy = house.job.vm
    page = reverse("vm_retire", args=[house.team.slug, busy.pk])
    assert page not in owner.get(reverse("vm", args=[house.team.slug, busy.pk])).text
    assert "is running a job" in owner.post(page, follow=True).text
    busy.refresh_from_db()
    assert not busy.retire_reason


def test_one_that_waits_for_a_node_has_no_price_yet(house):
    vm = a_vm("wanted", house.pool, reason="needs_node")
    answer = client_of("viewer", house.team).get(reverse("vm", args=[house.team.slug, vm.pk]))
    assert "set when a node is chosen" in answer.text


def test_a_vm_that_took_further_jobs_says_for_whom_and_how_often(owner, house):
    vm = a_vm("standby", house.pool, scope=f"repository:{house.connection.pk}:{house.connection.name}/app")
    began = vm.contract_created_at + timedelta(minutes=5)
    Refresh.objects.create(vm=vm, began_at=began, claimed_at=began + timedelta(seconds=4))
    page = owner.get(reverse("vm", args=[house.team.slug, vm.pk])).text
    assert f"jobs of {house.connection.name}/app" in page
    assert "1 reboot since its first job" in page
    assert '<th scope="row"> Refresh </th>' in page
