"""Forecasts from rows: what was charged in the last weeks, and what runs now."""

from datetime import timedelta

import pytest

from billing import ledger
from runners.metering import forecasts, limit_usage
from tests.builders import NOON, a_limit, a_pool, a_serving_vm, a_vm, a_wallet
from tests.people import client_of
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


@pytest.fixture
def pool():
    """Noon of a Monday took 4 TFT for acme/app in each of the last four weeks, and this day 1 before noon."""
    pool = a_pool(name="linux")
    wallet = a_wallet(pool.team, tft="1000")
    facts = {"use": "job", "pool_id": pool.pk, "pool": "linux", "repository": "acme/app"}
    for number in range(1, 5):
        at = NOON - number * WEEK
        ledger.charge(wallet, f"week {number}", Tft.parse("4"), at, **facts)
    ledger.charge(wallet, "today", Tft.parse("1"), NOON - 3 * HOUR, **facts)
    return pool


def test_a_team_and_its_limits_see_what_is_usual_and_what_runs(pool):
    a_vm("busy", pool)  # 2.125 an hour
    scopes = ({}, {"scope": "pool", "pool_id": pool.pk}, {"scope": "repository", "repository": "acme/APP"})
    limits = [a_limit(pool.team, **scope).pk for scope in scopes]
    limits.append(a_limit(pool.team, scope="pool", pool_id=pool.pk + 1).pk)
    found = forecasts.of_team(pool.team, NOON)
    assert (found.vms, found.weeks) == (1, 4)
    assert found.coming.next_hour == Tft.parse("4")
    assert (found.day, found.whole_day) == (Tft.parse("1"), Tft.parse("5"))
    assert found.month == Tft.parse("1")
    expected = forecasts.of_limits(limit_usage.read(pool.team.pk, NOON), NOON)
    assert [str(expected[pk]) for pk in limits] == ["5.0000000", "5.0000000", "5.0000000", "0.0000000"]


def test_a_server_stays_for_all_of_it(pool):
    vm = a_serving_vm()
    found = forecasts.of_team(vm.team, NOON)
    assert found.coming.rest_of_day == Tft(12 * vm.quote.per_hour)
    assert found.weeks == 0


def test_spend_shows_it_with_what_it_is_made_of(pool, time_machine):
    time_machine.move_to(NOON, tick=False)
    page = client_of("viewer", pool.team).get(f"/t/{pool.team.slug}/spend/").text
    assert "the average of each hour of the week over the last 4 weeks" in " ".join(page.split())
    team = a_pool().team
    page = client_of("viewer", team).get(f"/t/{team.slug}/spend/").text
    assert "no whole hour with charges in the last 4 weeks" in " ".join(page.split())
