"""What a job cost: one figure for its page, lists, API and file, equal to the ledger once its VM is gone."""

import csv
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import ledger
from billing.models import LedgerEntry
from runners.jobs import costs as job_costs, timeline
from runners.metering import charges
from runners.models import VM, Job
from tests.builders import a_job, a_runner, a_vm
from tests.house import a_house
from tests.people import client_of
from tests.runners.web.api.scripts import Script
from tests.worlds import a_world
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def house(now, monkeypatch):
    """Its job runs on a VM that booted for 20 s and waited for 10."""
    monkeypatch.setattr("runners.gateways.GATEWAYS", a_world()[0])
    house = a_house(now)
    since = now - timedelta(seconds=120)
    busy = house.job.vm
    VM.objects.filter(pk=busy.pk).update(contract_created_at=since, claimed_at=since + timedelta(seconds=20))
    first = since + timedelta(seconds=30)
    busy.runners.update(bound_at=first, registered_at=first, started_at=first, taken_at=first)
    Job.objects.filter(pk=house.job.pk).update(started_at=first)
    return house


def end(house, now):
    """The job ends, and its VM is gone 15 s later, of which its teardown took 10."""
    VM.objects.filter(pk=house.job.vm_id).update(
        state="removing",
        state_changed_at=now + timedelta(seconds=5),
        removed_at=now + timedelta(seconds=15),
        contract_ended_at=now + timedelta(seconds=15),
    )
    Job.objects.filter(pk=house.job.pk).update(state="completed", conclusion="success", completed_at=now)
    house.job.vm.runners.update(done_at=now, deregistered_at=now)
    charges.settle(house.job.vm, now + timedelta(seconds=20))
    VM.objects.filter(pk=house.job.vm_id).update(state="gone", state_changed_at=now + timedelta(seconds=20))


def read(house):
    [job] = timeline.read(timeline.joined(Job.objects.filter(pk=house.job.pk)))
    return job


def test_while_its_vm_is_there_it_is_what_the_ledger_would_have_if_the_vm_went_now(house, now):
    found = job_costs.by_job([read(house)], now)[house.job.pk]
    hour = house.job.vm.quote.per_hour
    assert (found.total, found.so_far) == (hour.share(120, 3600), True)
    parts = job_costs.by_use(read(house), now)
    assert {use: str(part) for use, part in parts.items()} == {
        "boot": str(hour.share(20, 3600)),
        "idle": str(hour.share(30, 3600) - hour.share(20, 3600)),
        "job": str(hour.share(120, 3600) - hour.share(30, 3600)),
    }


def test_once_its_vm_is_gone_it_is_the_ledgers_and_the_vms_whole_charge(house, now):
    end(house, now)
    found = job_costs.by_job([read(house)], now)[house.job.pk]
    spent = ledger.spent(vm_id=house.job.vm_id)
    assert (found.total, found.so_far) == (spent, False)
    parts = job_costs.by_use(read(house), now)
    assert set(parts) == {"boot", "idle", "job", "teardown"}
    assert sum(parts.values()) == spent


def test_page_board_file_and_api_say_one_figure(house, now):
    end(house, now)
    owner, spent = client_of("owner", house.team), str(ledger.spent(vm_id=house.job.vm_id))
    page = owner.get(house.address("job"))
    assert str(page.context["cost"]) == spent
    assert page.context["prices"][0].usd or page.context["prices"][1].usd
    assert spent in owner.get(reverse("jobs", args=[house.team.slug])).text
    file = owner.get(reverse("jobs_csv", args=[house.team.slug])).getvalue().decode()
    [line] = [row for row in csv.DictReader(file.splitlines()) if row["id"] == str(house.job.pk)]
    assert (line["cost_tft"], line["cost_so_far"]) == (spent, "no")
    said = Script(house.team).get(f"/jobs/{house.job.pk}").said
    assert (said["cost"], said["cost_so_far"]) == (spent, False)


def test_the_comparison_with_others_is_of_the_full_cost(house, now):
    end(house, now)
    prices = client_of("owner", house.team).get(house.address("job")).context["prices"]
    [ours] = [price for price in prices if not price.name]
    spent, musd = ledger.spent(vm_id=house.job.vm_id), house.job.vm.quote.tft_musd
    assert int(ours.usd * 10**7) == int(spent.share(musd, 1000))


def test_the_split_is_a_click_away_on_its_page(house, now):
    end(house, now)
    page = client_of("owner", house.team).get(house.address("job")).text
    split = page[page.index('id="cost-split"') :]
    for part in job_costs.by_use(read(house), now).values():
        assert str(part) in split


def test_each_attempt_has_its_own_cost(house, now):
    end(house, now)
    Job.objects.filter(pk=house.job.pk).update(run_id="7", forge_attempt=1)
    facts = {"run_id": "7", "forge_attempt": 2, "vm": a_vm("gone", house.pool)}
    again = a_job(
        house.connection, "completed", name=house.job.name, repository=house.job.repository, **facts
    )
    for run_id, name in (("8", house.job.name), ("7", "another")):
        a_job(house.connection, "completed", run_id=run_id, name=name, repository=house.job.repository)
    charge = {"use": "job", "job_id": again.pk, "vm_id": again.vm_id}
    ledger.charge(house.job.vm.wallet, "again", Tft(5), now, **charge)
    spent = ledger.spent(job_id=house.job.pk)
    job = read(house)
    alike = timeline.similar_jobs(job)
    found = job_costs.of_attempts(job, job_costs.by_job([job], now)[job.pk], alike)
    assert [(job.pk, cost.total) for job, cost in found] == [(house.job.pk, spent), (again.pk, Tft(5))]
    page = client_of("owner", house.team).get(house.address("job")).text
    assert page.index("All attempts") < page.index("Attempt 2") < page.index(str(spent + 5))
    said = Script(house.team).get(f"/jobs/{house.job.pk}").said
    assert [(one["id"], one["attempt"], one["cost"]) for one in said["attempts"]] == [
        (house.job.pk, 1, str(spent)),
        (again.pk, 2, "0.0000005"),
    ]


@pytest.mark.parametrize("over", [True, False])
def test_by_api_the_parts_add_up_to_the_cost_and_the_dollars_name_their_price(house, now, over):
    if over:
        end(house, now)
    said = Script(house.team).get(f"/jobs/{house.job.pk}").said
    assert sum(Tft.parse(part) for part in said["cost_parts"].values()) == Tft.parse(said["cost"])
    musd = house.job.vm.quote.tft_musd
    assert (said["tft_usd"], said["priced_at"][:10]) == (
        f"{musd / 1000:.3f}",
        str(house.job.vm.quote.at)[:10],
    )
    assert Tft.parse(said["cost_usd"]) == Tft.parse(said["cost"]).share(musd, 1000)


def test_a_job_without_a_vm_has_no_dollars(house):
    said = Script(house.team).get(f"/jobs/{a_job(house.connection, pool=house.pool).pk}").said
    assert (said["cost_usd"], said["tft_usd"], said["priced_at"], said["cost"]) == (
        None,
        None,
        None,
        "0.0000000",
    )


def test_of_a_vm_that_ran_two_jobs_each_shows_its_share_so_far(house, now):
    vm = house.job.vm
    VM.objects.filter(pk=vm.pk).update(scope="repository:1:kestrel/app")
    Job.objects.filter(pk=house.job.pk).update(state="completed", conclusion="success")
    middle = now - timedelta(seconds=60)
    vm.runners.update(done_at=middle, deregistered_at=middle)
    second = a_job(
        house.connection, "in_progress", pool=house.pool, vm=vm, started_at=now - timedelta(seconds=10)
    )
    times = dict.fromkeys(
        ["bound_at", "registered_at", "started_at", "taken_at"], now - timedelta(seconds=10)
    )
    a_runner(vm, second, job=second, **times)
    jobs = timeline.read(timeline.joined(Job.objects.filter(vm=vm).order_by("pk")))
    costs = job_costs.by_job(jobs, now)
    assert sum(cost.total for cost in costs.values()) == vm.quote.per_hour.share(120, 3600)
    assert costs[house.job.pk].total - costs[second.pk].total >= vm.quote.per_hour.share(19, 3600)


def test_a_job_that_no_vm_ran_has_no_cost(house, now):
    waiting = a_job(house.connection, pool=house.pool)
    [job] = timeline.read(timeline.joined(Job.objects.filter(pk=waiting.pk)))
    assert job_costs.by_job([job], now)[waiting.pk] == job_costs.JobCost(None, so_far=False)


def test_a_list_costs_the_same_whatever_its_length(house, now, django_assert_max_num_queries):
    for _ in range(10):
        vm = a_vm("busy", house.pool, node=house.vm.node, quote=house.vm.quote)
        job = a_job(house.connection, "in_progress", pool=house.pool, vm=vm, started_at=now)
        a_runner(vm, job, job=job, taken_at=now)
    jobs = timeline.read(timeline.joined(Job.objects.filter(vm__isnull=False)))
    with django_assert_max_num_queries(0):
        assert len(job_costs.by_job(jobs, now)) == 11
    assert LedgerEntry.objects.filter(kind="charge").count() == 0
    assert Tft(0) < job_costs.by_job(jobs, now)[house.job.pk].total
