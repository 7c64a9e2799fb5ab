"""Every movement of a team's TFT on a page, and the same as a file."""

import csv
from datetime import timedelta

import pytest
from django.urls import reverse

from billing import ledger
from billing.models import LedgerEntry
from tests.builders import NOON, a_connection, a_job, a_team, a_twin, a_wallet
from tests.people import client_of
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet():
    return a_wallet(a_team("Kestrel Labs"), tft="100", twin=a_twin())


@pytest.fixture
def get(wallet):
    client = client_of("viewer", wallet.team)
    return lambda name="ledger", **query: client.get(reverse(name, args=[wallet.team.slug]), query)


def charge(wallet, key, amount, days=0, **facts):
    at = NOON + timedelta(days=days)
    ledger.charge(
        wallet, key, Tft.parse(amount), at, **{"use": "job", "pool": "default", "pool_id": 1} | facts
    )


def rows(answer):
    return list(csv.reader(answer.getvalue().decode().splitlines()))


def test_entries_say_what_moved_and_for_what(wallet, get):
    charge(wallet, "a", "0.0000001", vm_id=1, job_id=2, repository="acme/app")
    page = get().text
    for words in ("−0.0000001", "acme/app", "Starter grant", "100.0000000"):
        assert words in page


def test_older_entries_are_a_link_away(wallet, get):
    for n in range(60):
        charge(wallet, f"k{n}", "0.5")
    first = get()
    assert len(first.context["page"].items) == 50
    rest = get(older=first.context["page"].items[-1].pk)
    assert {entry.pk for entry in [*first.context["page"].items, *rest.context["page"].items]} == set(
        LedgerEntry.objects.values_list("pk", flat=True)
    )


def test_another_teams_entries_are_not_shown(wallet, get):
    charge(a_wallet(a_team(), twin=wallet.twin), "x", "7.7777777")
    assert "7.7777777" not in get().text


def test_the_ledger_is_a_file_too_to_the_last_digit(wallet, get):
    charge(wallet, "a", "0.0000001", vm_id=1, job_id=2, repository="=acme/app")
    others = a_wallet(a_team("Others"), tft="7.7777777", twin=wallet.twin)
    answer = get("ledger_csv")
    head, newest, grant = rows(answer)
    assert head == ["at", "amount", "kind", "use", "pool", "vm_id", "job_id", "repository"]
    assert newest[1:] == ["-0.0000001", "charge", "job", "default", "1", "2", "'=acme/app"]
    assert grant[1:3] == ["100.0000000", "grant"] and grant[0].endswith("+00:00")
    assert others.team.slug not in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ({"kind": "grant"}, {"grant"}),
        ({"use": "idle"}, {"idle"}),
        ({"since": "2026-06-02"}, {"late"}),
        ({"until": "2026-06-01", "kind": "charge"}, {"job", "idle"}),
        ({"repository": "acme/app"}, {"job"}),
        ({"repository": "-"}, {"idle", "late"}),
        ({"person": "ann", "pool": "1"}, {"job"}),
        ({"person": "bob"}, set()),
        ({"pool": "x"}, set()),
        ({"since": "2026-06-02", "until": "2026-06-01"}, set()),
    ],
)
def test_page_and_file_have_what_the_filters_let_through(wallet, get, query, keys):
    job = a_job(a_connection(wallet.team), "completed", sender="ann", repository="acme/app")
    charge(wallet, "job", "1", job_id=job.pk, repository="acme/app")
    charge(wallet, "idle", "2", use="idle")
    charge(wallet, "late", "3", days=1, use="server", pool_id=None, pool="")
    page, file = get(**query), rows(get("ledger_csv", **query))[1:]
    assert {entry.key.partition(":")[0] for entry in page.context["page"].items} == keys
    assert [row[1] for row in file] == [str(entry.amount) for entry in page.context["page"].items]


def test_the_link_from_spending_leads_to_the_entries_that_are_added_up(wallet, get):
    charge(wallet, "a", "1", repository="acme/app")
    charge(wallet, "b", "2", repository="acme/app", days=1)
    charge(wallet, "c", "4")
    query = {"since": "2026-06-01", "until": "2026-06-01", "repository": "acme/app"}
    page = get("spend", **query)
    assert page.context["entries"] == "since=2026-06-01&until=2026-06-01&repository=acme%2Fapp"
    assert (
        f"{reverse('ledger', args=[wallet.team.slug])}?{page.context['entries']}".replace("&", "&amp;")
        in page.text
    )
    taken = sum(Tft.parse(row[1]) for row in rows(get("ledger_csv", **query))[1:])
    assert -taken == page.context["total"].row.spent.amount == Tft.parse("1")
