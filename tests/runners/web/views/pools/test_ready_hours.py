"""A pool's schedule on its form and on its page, by a browser without scripts."""

from datetime import timedelta

import pytest
from django.urls import reverse

from runners.models import Pool
from runners.pools.schedule import WEEKDAYS
from tests.builders import a_job, a_node, a_price, a_vm

pytestmark = pytest.mark.django_db

WORKING = {
    "size": "small",
    "vms": 1,
    "weekdays": ["mon", "tue", "wed", "thu", "fri"],
    "from_hour": 8,
    "to_hour": 18,
}


COST = "462 TFT"  # 2.125 an hour, 50 hours a week, 4.345 weeks


@pytest.fixture
def form(house):
    return {
        **{
            "name": house.pool.name,
            "connections": house.connection.pk,
            "default_size": "small",
            "position": 0,
        },
        **{"sizes": ["small"], "min_vms": [""], "max_vms": 7, "max_job_minutes": 60},
        **{"linger_minutes": 5, "min_distinct_nodes": 1},
    }


def test_hours_are_added_saved_and_shown(owner, house, form):
    """What the answer to the button holds is sent back, as a browser does."""
    a_price()
    a_node()
    edit = reverse("pool_edit", args=[house.team.slug, house.pool.pk])
    answer = owner.post(edit, form | {"add": "hours"})
    assert "autofocus" in answer.text and not Pool.objects.get(pk=house.pool.pk).schedule
    days = [f"0-{day}" for day in WORKING["weekdays"]]
    row = {"schedule_row": "0", "schedule_size": "small", "schedule_vms": "1"}
    row |= {"schedule_from": "8", "schedule_to": "18", "schedule_day": days}
    for value in days:
        assert f'value="{value}"' in answer.text
    assert "8:00 to 18:00: 1 small" in answer.text and COST in answer.text  # before it is saved
    page = owner.post(edit, form | row, follow=True).text
    assert Pool.objects.get(pk=house.pool.pk).schedule == [WORKING]
    assert page.count("8:00 to 18:00: 1 small") == 5
    assert "Not enough jobs yet" in page
    nodes = owner.get(reverse("pool_nodes", args=[house.team.slug, house.pool.pk])).text
    assert "Keeping VMs ready by the schedule costs up to" in nodes and COST in nodes


def test_its_page_says_what_it_would_have_saved(owner, house, now):
    Pool.objects.update(schedule=[WORKING | {"weekdays": list(WEEKDAYS), "from_hour": 0, "to_hour": 24}])
    for hours in range(1, 21):
        at = now - timedelta(hours=hours)
        vm = a_vm("gone", house.pool, created_at=at, claimed_at=at + timedelta(seconds=30))
        times = {"discovered_at": at, "started_at": at + timedelta(minutes=1), "completed_at": at}
        a_job(house.connection, "completed", pool=house.pool, vm=vm, **times)
    page = owner.get(reverse("pool", args=[house.team.slug, house.pool.pk])).text
    assert "In the last 30 days, it would have saved" in page
    assert "10 min 00 s</b>" in page


def test_what_is_wrong_with_a_row_is_said_beside_it(owner, house, form):
    row = {"schedule_row": "0", "schedule_size": "small", "schedule_vms": "1"}
    page = owner.post(reverse("pool_edit", args=[house.team.slug, house.pool.pk]), form | row).text
    assert "Row 1: Choose at least one weekday." in page
    assert '<a class="fh-link" href="#id_schedule">Schedule</a>' in page
