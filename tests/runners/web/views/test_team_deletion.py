"""The page that deletes a team asks about its TFT first."""

import pytest
from django.urls import reverse
from django.utils import timezone

from billing import ledger, ledger_accounts as accounts
from billing.withdrawals import requests
from runners import team_deletion
from tests.builders import NOON, a_team, a_wallet, a_withdrawal
from tests.people import client_of
from tfci.accounts import teams
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    team = a_team("Kestrel Labs")
    ledger.deposit(a_wallet(team), "1", Tft.parse("50"), NOON, accounts.CASHIER)
    return team


def delete(client, team, **form):
    return client.post(reverse("team_delete", args=[team.slug]), {"typed": "Kestrel Labs"} | form)


def closing(team):
    team.refresh_from_db()
    return bool(team.closing_at)


def test_what_can_be_paid_out_stays_with_the_operator_only_once_that_is_confirmed(team):
    owner = client_of("owner", team)
    page = owner.get(reverse("team_delete", args=[team.slug])).text
    assert "50.0000000 TFT of this team" in page and reverse("withdrawals", args=[team.slug]) in page
    assert "Pay the TFT out first" in delete(owner, team).text and not closing(team)
    assert delete(owner, team, leave="on").status_code == 302 and closing(team)


def test_an_open_withdrawal_comes_first(team):
    owner, row = client_of("owner", team), a_withdrawal(team)
    answer = delete(owner, team, leave="on")
    assert answer.status_code == 422 and "so the team can’t be deleted yet" in answer.text
    assert not closing(team)
    requests.stop(row, owner.user, timezone.now())
    assert delete(owner, team, leave="on").status_code == 302 and closing(team)


def test_a_team_stays_until_what_was_asked_meanwhile_is_paid(team):
    """Its owners may still pay out, and stop that, while the rest of it is drained."""
    owner = client_of("owner", team)
    teams.close(team, owner.user, NOON)
    row = a_withdrawal(team)
    team_deletion.step(team, NOON)
    assert not team.closed_at and team.memberships.exists()
    requests.stop(row, owner.user, NOON)
    team_deletion.step(team, NOON)
    assert not team.memberships.exists()
