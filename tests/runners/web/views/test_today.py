"""The last 24 hours in numbers."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import ledger
from runners.models import Job
from runners.web.views import today
from tests.builders import NOON, a_job, a_runner, a_team, a_vm
from tests.people import client_of
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


def numbers(house, person="viewer"):
    return client_of(person, house.team).get(reverse("today", args=[house.team.slug]))


def test_what_was_charged_today_is_the_ledgers_own_to_the_last_digit(house):
    now = timezone.now()
    ledger.charge(house.team.wallet_set.get(), "vm:1:job", Tft.parse("1.2345678"), now, use="job")
    ledger.charge(house.team.wallet_set.get(), "vm:1:idle", Tft.parse("1.2345678"), now, use="idle")
    page = numbers(house)
    assert page.context["spent"] == Tft.parse("2.4691356")
    assert "2.4691356" in page.text
    assert "50 % for boot, idle time and teardown" in page.text


def test_yesterdays_evening_is_in_the_line_and_not_in_todays_sum(house):
    wallet = house.team.wallet_set.get()
    ledger.charge(wallet, "late", Tft.parse("3"), NOON - timedelta(hours=13), use="job")
    ledger.charge(wallet, "early", Tft.parse("1"), NOON - timedelta(hours=11), use="job")
    found = today.spent_of(house.team, timezone.localtime(NOON))
    assert found["spent"] == Tft.parse("1")
    assert sum(found["spent_hours"]) == Tft.parse("4")


def ended(house, conclusion, **ago):
    at = NOON - timedelta(**ago)
    a_job(house.connection, "completed", conclusion=conclusion, discovered_at=at, queued_at=at)


def test_passed_and_failed_are_counted_by_the_hour(house):
    for conclusion, hours in (
        ("success", 0),
        ("success", 1),
        ("success", 1),
        ("failure", 1),
        ("success", 30),
    ):
        ended(house, conclusion, hours=hours)
    found = today.jobs_of(house.team, timezone.localtime(NOON))
    assert (found["ended"], found["failed"], found["percent"]) == (4, 1, "75.0")
    assert [(round(hour.passed), round(hour.failed)) for hour in found["hours"][-2:]] == [(67, 33), (33, 0)]
    assert len(found["hours"]) == 24


def came(house, warm, wait):
    """A job that came to a VM: which stood by, or was made for it in `wait` seconds."""
    heard, start = NOON, NOON + timedelta(seconds=wait)
    before = heard - timedelta(minutes=1)
    boot = {
        "claimed_at": before if warm else start - timedelta(seconds=1),
        "created_at": before if warm else heard,
    }
    boot |= {
        "ordered_at": boot["created_at"],
        "sent_at": boot["created_at"],
        "deployed_at": boot["created_at"],
    }
    vm = a_vm("gone", house.pool, node=house.node, quote=house.vm.quote, **boot)
    times = {"queued_at": heard - timedelta(seconds=1), "discovered_at": heard, "started_at": start}
    job = a_job(
        house.connection, "completed", conclusion="success", pool=house.pool, vm=vm, decided_at=heard, **times
    )
    a_runner(vm, job, job=job, bound_at=start, registered_at=start, taken_at=start, started_at=start)


def test_waiting_is_told_apart_by_whether_a_vm_stood_by(house):
    Job.objects.filter(pk=house.job.pk).update(started_at=None)
    for warm, wait in ((True, 1), (True, 1), (True, 3), (False, 59)):
        came(house, warm, wait)
    found = today.waits_of(house.team, NOON)
    assert (found["warm"].median, found["cold"].median) == (timedelta(seconds=2), timedelta(seconds=60))
    assert found["met_warm"] == 75
    assert found["wait"] == timedelta(seconds=3)


def test_whose_time_it_was_adds_up_to_all_of_it(house):
    came(house, False, 60)
    shares = today.waits_of(house.team, NOON)["cold"].shares
    assert sum(part for _, _, part in shares) == pytest.approx(100)
    assert max(shares, key=lambda share: share[2])[0] == "vm"


def test_a_team_without_a_past_is_told_what_will_stand_here():
    team = a_team("Night Shift")
    page = client_of("viewer", team).get(reverse("today", args=[team.slug])).text
    assert "no job reached a VM" in page
    assert "Once jobs have run, this shows" in page
