"""An account of play money, made at a click, is an account like any other: the checks of an own twin pass."""

import pytest

from billing import own_twins
from billing.cashier import practice_wallet
from tests.builders import NOON, a_team, a_wallet
from tests.practice.grid import harness
from tfci.core.tft import UNIT, Tft

pytestmark = pytest.mark.django_db


@pytest.fixture
def grid(tmp_path, settings):
    grid = harness.Grid(tmp_path / "grid")
    settings.GRID, settings.GRID_URL = "simulated", grid.url
    yield grid
    grid.close()


def test_its_words_pass_all_checks_and_sign_for_the_team(grid):
    team = a_team()
    a_wallet(team)
    words = practice_wallet.open_account(Tft(50 * UNIT))
    facts = own_twins.check(team, words)
    assert Tft(49 * UNIT) < facts.holdings.usable <= 50 * UNIT
    twin = own_twins.store(team, words, facts, "ann@example.org", NOON)
    assert own_twins.is_used(twin)
    assert own_twins.of_team(team).usable == facts.holdings.usable
