"""What each repository was charged in half an hour is kept by the database, also for what was charged before that."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection

from billing import ledger, verification
from billing.models import RepositorySpent
from billing.spending import history
from tests.append_only import without_triggers
from tests.builders import NOON, a_wallet
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db
spent_before = import_module("billing.migrations.0030_repository_spent_before")


@pytest.fixture
def wallet():
    wallet = a_wallet()
    for number, (units, repository, minutes) in enumerate(
        [(8, "acme/App", 0), (9, "acme/app", 29), (-3, "ACME/app", 30), (5, "acme/api", 1), (70, "", 1)]
    ):
        facts = {"use": "job", "vm_id": 1, "repository": repository}
        ledger.charge(wallet, f"k{number}", Tft(units), NOON + timedelta(minutes=minutes), **facts)
    ledger.charge(wallet, "k0", Tft(8), NOON, use="job", vm_id=1, repository="acme/App")  # as before
    return wallet


def sums():
    rows = RepositorySpent.objects.order_by("repository", "at").values_list("repository", "at", "amount")
    return [(name, (at - NOON) // timedelta(minutes=1), int(amount)) for name, at, amount in rows]


EXPECTED = [("acme/api", 0, 5), ("acme/app", 0, 17), ("acme/app", 30, -3)]


def found():
    return {one.cause.value: one.count for one in verification.run(verification.CHECKS, NOON).differences}


def test_charges_are_added_up_whatever_the_capitals(wallet):
    assert sums() == EXPECTED and found() == {}
    past = history.read(wallet.team_id, NOON, ["Acme/APP"]).repositories
    assert past == {"acme/app": [(NOON, 17), (NOON + timedelta(minutes=30), -3)]}


def test_what_was_charged_before_there_were_sums_is_added_once(wallet):
    with without_triggers():
        RepositorySpent.objects.all().delete()
    ledger.charge(wallet, "k5", Tft(1), NOON, use="job", repository="acme/api")  # meanwhile
    assert found() == {"spent": 3}
    for _ in range(2):
        spent_before.fill()
    assert sums() == [("acme/api", 0, 6), *EXPECTED[1:]] and found() == {}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_repositoryspent SET amount = amount + 1",
        "UPDATE billing_repositoryspent SET at = at + interval '1 day'",
        "DELETE FROM billing_repositoryspent",
        "UPDATE billing_ledgerentry SET repository = 'acme/other' WHERE repository <> ''",
    ],
)
def test_what_was_changed_past_the_triggers_is_found(wallet, sql):
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert found().keys() == {"spent"}
