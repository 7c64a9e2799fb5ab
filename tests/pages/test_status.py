"""How long jobs waited of late, and whether all works."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from tests.builders import a_connection, a_node, a_pool, a_price, a_started_job, a_team, a_vm
from tests.people import Visitor
from tfci.pages import system_status

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    """A pool, and a node of its VMs."""
    team = a_team()
    return a_pool(team, [a_connection(team)]), a_node(region="Europe")


@pytest.fixture
def now():
    return timezone.now()


def sign(name, now):
    return next(one for one in system_status.all_of(now) if one.name == name)


def test_too_few_jobs_are_no_figures(house):
    a_started_job(*house, at=timezone.now())
    text = Visitor().get("/status/").text
    assert "1 job started in the last 24 hours: too few for statistics." in text


def test_figures_come_with_their_legs_and_owners(house, now):
    for _ in range(20):
        a_started_job(*house, waited=42, at=now)
    text = Visitor().get("/status/").text
    assert "<dd>42 s</dd>" in text
    assert "Heard" in text and "own-forge" in text
    assert "By region of the node" not in text  # one team alone


def test_a_week_reaches_further_back_than_a_day(house, now):
    for _ in range(20):
        a_started_job(*house, at=now - timedelta(days=3))
    assert "0 jobs started in the last 24 hours" in Visitor().get("/status/").text
    assert "95 % within" in Visitor().get("/status/", {"span": "week"}).text
    assert Visitor().get("/status/", {"span": "decade"}).context["span"] == "day"


def test_it_is_worked_out_once_a_minute(house, now):
    Visitor().get("/status/")
    with database.execute_wrapper(_never):
        assert Visitor().get("/status/").status_code == 200


def _never(execute, sql, *_):
    raise AssertionError(sql)


def test_a_cache_that_is_down_takes_no_page_down(settings):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    answer = Visitor().get("/status/")
    assert answer.status_code == 200
    assert "1 of 6 components degraded" in answer.text


def test_prices_that_nobody_has_read_for_long_mean_that_workers_or_grid_are_ill(now):
    assert sign("Grid", now).well is None
    price = a_price(read_at=now)
    assert sign("Grid", now).well is True
    assert sign("Grid", now + system_status.MIRROR_LATE).well is False
    assert sign("Grid", now).since == price.read_at


def test_a_step_that_nobody_takes_means_that_workers_are_ill(now):
    a_vm("gone")
    assert sign("VMs", now).well is True
    a_vm("deploying", next_step_at=now - timedelta(minutes=5))
    assert sign("VMs", now).well is False


def test_a_forge_that_nobody_asks_means_the_same(now):
    a_connection(disconnected_at=now)
    assert sign("Forges", now).well is None
    a_connection(next_poll_at=now)
    assert sign("Forges", now).well is True
    assert sign("Forges", now + system_status.POLL_LATE).well is False


def test_vms_that_fall_silent_together_mean_that_their_door_is_shut(now):
    assert sign("Agents", now).well is None
    a_vm("standby", last_heartbeat_at=now)
    assert sign("Agents", now).well is True
    assert sign("Agents", now + system_status.BEAT_LATE).well is False


def test_versions_are_those_of_the_newest_vms(settings):
    a_vm("gone", engines={"gitea": "0.2.13"})
    a_vm("standby", engines={"gitea": "0.2.14", "practice": "1"})
    text = Visitor().get("/status/").text
    assert "0.2.13, 0.2.14" in text and settings.VERSION in text
