"""Advice on sizes, from rows: which jobs count, and what would be saved."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.models import Price
from runners.jobs import right_sizing
from runners.models import Runner
from tests.builders import NOON, a_pool, a_price, a_vm, an_ended_job
from tests.house import a_house
from tests.people import client_of
from tests.runners.web.api.scripts import Script
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db

MEDIUM = "4cpu16gbram100gbssd"
GB = 1024
LIGHT = {"peak_cpu": 500, "mean_cpu": 200, "peak_memory": 6 * GB, "peak_disk": 30 * GB}


@pytest.fixture(autouse=True)
def a_grid_that_isolates(settings):
    settings.GRID = "local"


@pytest.fixture
def pool():
    a_price(network="local")
    return a_pool()


def ran(pool, count=10, now=NOON, used=LIGHT, **facts):
    """So many runs of half an hour; the last of them."""
    vm = a_vm("gone", pool)
    row = {"size": MEDIUM, "conclusion": "success", "started_at": now - timedelta(minutes=31)}
    row |= {"completed_at": now - timedelta(minutes=1)} | facts
    jobs = [an_ended_job(pool, vm, end={"deregistered_at": NOON}, **row) for _ in range(count)]
    Runner.objects.filter(job__in=jobs).update(**used)
    return jobs[-1]


def test_a_smaller_size_is_told_with_what_it_saves_a_month(pool):
    job = ran(pool, 12)
    group = right_sizing.of_job(job, NOON)
    assert (group.measured, group.minutes, group.label) == (12, 360, "small")
    # 4 CU and half an SU less 2 CU and a quarter SU, at 10 mUSD a TFT: 2.125 TFT an hour, for 6 hours
    assert group.saves == Tft.parse("12.75")


def test_too_few_are_counted_and_not_advised(pool):
    group = right_sizing.of_job(ran(pool, 9), NOON)
    assert (group.measured, group.advice, group.saves, group.label) == (9, None, None, "")


@pytest.mark.parametrize(
    "other",
    [
        {"conclusion": "cancelled"},
        {"completed_at": NOON - timedelta(days=31)},
        {"name": "another"},
        {"workflow": "nightly.yml"},
        {"size": "8cpu32gbram200gbssd"},
        {"repository": "elsewhere/app"},
    ],
)
def test_only_jobs_of_its_kind_that_ended_of_late_count(pool, other):
    job = ran(pool)
    ran(pool, 3, used=LIGHT | {"peak_memory": 15 * GB}, **other)
    assert right_sizing.of_job(job, NOON).measured == 10


def test_a_run_that_failed_counts_and_one_that_was_not_measured_does_not(pool):
    job = ran(pool)
    ran(pool, 1, conclusion="failure", used=LIGHT | {"peak_memory": 16 * GB})
    ran(pool, 1, used={"peak_memory": None})
    group = right_sizing.of_job(job, NOON)
    assert (group.measured, group.label, group.advice.short_of) == (11, "", "memory")


def test_a_pools_list_has_what_saves_most_first_and_other_teams_jobs_never(pool):
    for name, minutes in (("short", 5), ("long", 50)):
        ran(pool, name=name, started_at=NOON - timedelta(minutes=minutes), completed_at=NOON)
    ran(pool, 3, name="rare")
    ran(a_pool())
    assert [group.name for group in right_sizing.of_pool(pool, NOON)] == ["long", "short", "rare"]


def test_without_prices_nothing_is_advised():
    assert right_sizing.of_job(ran(a_pool()), NOON).advice is None


def test_where_vms_are_this_computer_nothing_is_said(pool, settings):
    job = ran(pool)
    settings.GRID = "simulated"
    assert right_sizing.of_job(job, NOON) is None and right_sizing.of_pool(pool, NOON) == []
    assert right_sizing.unavailable_reason() == right_sizing.NONE_HERE


class TestPages:
    @pytest.fixture
    def house(self, now):
        house = a_house(now)
        Price.objects.update(network="local")
        return house

    @pytest.fixture
    def now(self):
        return timezone.now()

    def test_a_jobs_page_says_what_would_do_within_its_budget(
        self, house, now, django_assert_max_num_queries
    ):
        client, job = client_of("viewer", house.team), ran(house.pool, now=now)
        address = reverse("job", args=[house.team.slug, job.pk])
        client.get(address)
        with django_assert_max_num_queries(12):
            text = client.get(address).text
        assert "is enough" in text and "6.0 GB of 16 GB of memory" in text

    def test_a_pool_lists_all(self, house, now, django_assert_max_num_queries):
        ran(house.pool, now=now, name="build-it")
        ran(house.pool, 2, now=now, name="rare")
        client, address = (
            client_of("viewer", house.team),
            reverse("pool_sizes", args=[house.team.slug, house.pool.pk]),
        )
        client.get(address)
        with django_assert_max_num_queries(12):
            text = client.get(address).text
        assert "build-it" in text and "1 more job has fewer than 10 measured runs" in text

    def test_scripts_read_the_same(self, house, now):
        ran(house.pool, now=now)
        said = Script(house.team).get(f"/pools/{house.pool.pk}/sizes").said
        [job] = said["jobs"]
        assert (job["would_do"], job["most"]["memory"], job["saves"]) == ("small", 6 * GB, "10.6250000")
