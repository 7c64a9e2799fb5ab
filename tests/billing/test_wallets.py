"""A team's wallet: there from the first moment, made once, signed for by the operator's twins in turn."""

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from billing import wallets
from billing.models import LedgerEntry, Wallet
from tests.builders import NOON, a_team, a_twin, a_user
from tfci.accounts import teams
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


def test_a_team_has_its_wallet_from_the_moment_it_is_founded(settings):
    settings.GRANT, twin = "25", a_twin()
    team = teams.begin("Kestrel", a_user(), NOON)
    wallet = Wallet.objects.get(team=team)
    assert (wallet.balance, wallet.twin) == (Tft(0), twin)
    with CaptureQueriesContext(database) as asked:
        assert wallets.for_team(team) == wallet
    assert len(asked) == 1


def test_a_wallet_is_begun_once_however_often_it_is_asked_for(settings):
    settings.GRANT, team = "25", a_team()
    first, second = wallets.for_team(team), wallets.begin(team)
    assert first == second
    assert not LedgerEntry.objects.of(team).exists()


def test_wallets_are_spread_over_the_twins():
    both = {a_twin(), a_twin()}
    assert {wallets.for_team(a_team()).twin for _ in range(2)} == both


def test_a_wallet_that_waits_for_the_operators_first_twin_gets_it_when_it_is_to_sign():
    wallet = wallets.for_team(a_team())
    assert not wallets.has_signer(wallet.pk)
    twin = a_twin()
    assert wallets.has_signer(wallet.pk)
    wallet.refresh_from_db()
    assert wallet.twin == twin
