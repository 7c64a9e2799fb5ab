"""The deposit address and deposits over the API."""

import pytest

from tests.builders import NOON, a_deposit, a_deposit_address, a_team
from tests.runners.web.api.scripts import Script
from tfci.core.tft import UNIT

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return a_team("Kestrel Labs")


@pytest.fixture
def script(team):
    return Script(team)


def test_the_address_with_memo_and_what_is_not_final(team, script, settings):
    settings.BRIDGE = "G" + "A" * 55
    seen = {"amount": 3 * UNIT, "kind": "mint", "block": 901, "at": NOON.isoformat()}
    address = a_deposit_address(team, twin_id=4711, seen=[seen])
    answer = script.get("/deposits/address")
    assert answer.status == 200
    assert answer.said == {
        "address": address.address,
        "twin_id": 4711,
        "memo": "twin_4711",
        "bridge": settings.BRIDGE,
        "earlier_addresses": [],
        "seen": [
            {"amount": "3.0000000", "kind": "mint", "block_number": 901, "at": "2026-06-01T12:00:00.000Z"}
        ],
    }


def test_before_there_is_one_the_answer_says_what_to_do(team, script):
    a_deposit_address(team, twin_id=None)
    assert "Try again in a minute" in script.get("/deposits/address").problem(404)


def test_deposits_are_the_teams_own_newest_first(team, script):
    address = a_deposit_address(team)
    a_deposit(address, "5")
    a_deposit(address, "7", booked_at=None, kind="mint", source="", stellar_transaction="ab12")
    a_deposit(address, "1", role="opening")
    a_deposit(a_deposit_address(), "9")
    first, second = script.get("/deposits").items
    assert (first["amount"], first["kind"], first["stellar_transaction"]) == ("7.0000000", "mint", "ab12")
    assert (first["credited_at"], second["credited_at"]) == (None, "2026-06-01T12:00:00.000Z")
    assert (second["amount"], second["source"], second["block_number"]) == ("5.0000000", "5Somebody", 890)
