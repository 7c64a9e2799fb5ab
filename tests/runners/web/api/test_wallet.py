"""The wallet and the ledger by API: strings with seven digits that add up."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import ledger
from tests.builders import NOON, a_pool, a_vm, a_wallet
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


def test_the_first_look_opens_the_wallet_with_nothing_on_it(reader):
    for _ in range(2):
        said = reader.get("/wallet").said
        assert (said["balance"], said["spent_24h"], said["per_hour"]) == (
            "0.0000000",
            "0.0000000",
            "0.0000000",
        )


def test_the_wallet_says_what_runs_and_what_was_spent(reader, team):
    wallet, pool, now = a_wallet(team, "10"), a_pool(team), timezone.now()
    for state in ("standby", "busy", "gone"):
        a_vm(state, pool)  # each at 2.125 TFT an hour
    ledger.charge(wallet, "today", Tft.parse("0.25"), now, use="job")
    ledger.charge(wallet, "before", Tft.parse("0.5"), now - timedelta(days=2), use="job")
    said = reader.get("/wallet").said
    assert (said["balance"], said["spent_24h"], said["per_hour"]) == ("9.2500000", "0.2500000", "4.2500000")
    assert (said["vms"], said["average_per_day"], said["average_days"]) == (2, "0.2500000", 3)
    assert (said["seconds_at_rate"], said["low"]) == (7835, True)
    assert said["seconds_until_no_start"] == 7835 - 3600


def test_the_ledger_adds_up_to_the_balance(reader, team):
    wallet = a_wallet(team, "10")
    ledger.deposit(wallet, "tx1", Tft.parse("5"), NOON)
    facts = {"use": "job", "vm_id": 1, "job_id": 2, "pool_id": 3, "repository": "acme/app"}
    ledger.charge(wallet, "a", Tft.parse("0.0000001"), NOON, **facts)
    items = reader.get("/ledger").items
    assert (
        str(sum(Decimal(item["amount"]) for item in items))
        == reader.get("/wallet").said["balance"]
        == "14.9999999"
    )
    assert items[0] == {
        "id": items[0]["id"],
        "at": "2026-06-01T12:00:00.000Z",
        "kind": "charge",
        "amount": "-0.0000001",
        "use": "job",
        "vm_id": 1,
        "job_id": 2,
        "pool_id": 3,
        "repository": "acme/app",
    }
    assert [item["kind"] for item in items] == ["charge", "deposit", "grant"]
    assert [item["use"] for item in items] == ["job", None, None]


@pytest.mark.parametrize(
    "asked",
    [
        {"vm": 1},
        {"job": 2},
        {"pool": 3},
        {"repository": "Acme/app"},
        {"kind": "charge", "vm": 1},
        {"use": "job"},
    ],
)
def test_each_filter_keeps_the_entries_that_have_it(reader, team, asked):
    wallet = a_wallet(team)
    facts = {"use": "job", "vm_id": 1, "job_id": 2, "pool_id": 3, "repository": "acme/app"}
    ledger.charge(wallet, "a", Tft(1), NOON, **facts)
    ledger.charge(wallet, "b", Tft(2), NOON, use="idle", vm_id=9)
    assert [item["amount"] for item in reader.get("/ledger", **asked).items] == ["-0.0000001"]


def test_an_unknown_kind_is_told(reader):
    reader.get("/ledger", kind="gift").problem(422)
