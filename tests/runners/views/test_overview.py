"""The overview: what goes on, what today costs, and the first steps of a new team."""

import pytest
from django.urls import reverse

from billing import ledger
from tests.builders import a_job, a_pool, a_team, a_twin, a_wallet, an_org
from tests.people import client_of
from tfci.tft import Tft

pytestmark = pytest.mark.django_db


def overview(team, person="owner"):
    return client_of(person, team).get(reverse("overview", args=[team.slug])).text


def test_it_says_what_runs_and_what_today_cost_to_the_last_digit(house, now):
    ledger.charge(house.team.wallet_set.get(), "vm:1:job", Tft.parse("1.2345678"), now, use="job")
    page = overview(house.team)
    assert "1 job runs, 0 queued" in page
    assert "1.2345678" in page
    assert "98.7654322" in page


def test_an_organisation_that_needs_somebody_is_marked(house):
    an_org(house.team, name="silent", trouble="The token has expired.")
    assert "Needs you" in overview(house.team)


@pytest.fixture
def team():
    team = a_team("Night Shift")
    a_wallet(team, tft="50", twin=a_twin())
    return team


def test_a_new_team_is_told_to_link_first(team):
    page = overview(team)
    assert reverse("org_link", args=[team.slug]) in page
    assert "50.0000000 TFT from the operator" in page


def test_who_may_not_link_is_told_whom_to_ask(team):
    page = overview(team, "member")
    assert "An admin of the team can do this" in page
    assert reverse("org_link", args=[team.slug]) not in page


def test_a_linked_team_is_told_to_make_a_pool(team):
    an_org(team)
    assert reverse("pool_new", args=[team.slug]) in overview(team, "member")


@pytest.mark.parametrize(
    "anchors, line", [([], "runs-on: tfgrid"), (["ours"], "runs-on: ours"), (["a", "b"], "runs-on: [a, b]")]
)
def test_with_a_pool_the_exact_line_is_there_to_copy(team, anchors, line):
    a_pool(team, anchors=anchors)
    assert f'data-copy="{line}"' in overview(team)


def test_after_the_first_job_the_steps_are_gone(team):
    a_job(an_org(team))
    assert "Your first job" not in overview(team)
