"""A team's spend on a page: the ledger's own numbers."""

import csv
import re
from datetime import date, timedelta

import pytest
import time_machine
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from billing import ledger
from billing.funds import Average, Funds, Rate
from billing.models import LedgerEntry, Price
from billing.uses import Use
from tests.builders import a_pool, a_price, a_quote, a_team, a_twin, a_vm, a_wallet
from tests.people import client_of
from tests.runners.web.api.scripts import Script
from tfci.accounts.models import User
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db

COLUMN = re.compile(r'<rect class="(is-\w+)" .*? y="([\d.]+)" height="([\d.]+)"/>')


@pytest.fixture
def wallet():
    a_price()
    return a_wallet(a_team("Kestrel Labs"), tft="100", twin=a_twin())


@pytest.fixture
def spend(wallet):
    client = client_of("viewer", wallet.team)
    return lambda **query: client.get(reverse("spend", args=[wallet.team.slug]), query)


def charge(wallet, key, amount, **facts):
    at = facts.pop("at", timezone.now())
    ledger.charge(
        wallet, key, Tft.parse(amount), at, **{"use": "job", "pool": "default", "pool_id": 1} | facts
    )


def test_balance_days_and_pools_add_up_to_the_ledger_to_the_last_digit(wallet, spend):
    charge(wallet, "a", "0.0000001", vm_id=1, job_id=2, repository="acme/app")
    charge(wallet, "b", "1.2345678", use="idle")
    charge(wallet, "c", "2.0000000", use="boot", at=timezone.now() - timedelta(days=2, hours=1))
    page = spend()
    taken = ledger.spent(team=wallet.team)
    assert page.context["funds"].balance == Tft.parse("100") - taken == Tft.parse("96.7654321")
    assert sum(day.total for day in page.context["days"]) == taken
    assert sum(pool.total for pool in page.context["pools"]) == taken
    assert page.context["on_jobs"] == Tft(1)
    assert page.context["funds"].average == Average(Tft.parse("1.0781893"), 3)
    for words in ("96.7654321", "−0.0000001", "acme/app", "Starter grant", "100.0000000"):
        assert words in page.text


def test_idle_time_stands_beside_the_jobs_cost(wallet, spend):
    charge(wallet, "a", "3")
    charge(wallet, "b", "1", use="idle")
    [pool] = spend().context["pools"]
    assert (pool.job, pool.idle, pool.beside) == (Tft.parse("3"), Tft.parse("1"), Tft.parse("1"))


CELL = re.compile(r'<td class="n" data-label="([\w ,]+)">([\d.]+)</td>')


def test_each_row_of_a_pool_shows_all_its_uses_and_adds_up(wallet, spend):
    for n, use in enumerate(Use, 1):
        charge(wallet, use, f"0.{n}", use=use)
    table = spend().text.partition("TFT by pool")[2].partition("</table>")[0]
    cells = {label: Tft.parse(amount) for label, amount in CELL.findall(table)}
    assert sum(cells.values()) - cells["All"] == cells["All"] == Tft.parse("2.8")
    assert (cells["Reboot"], cells["Debug"]) == tuple(
        Tft.parse(f"0.{list(Use).index(use) + 1}") for use in (Use.REFRESH, Use.DEBUG)
    )


def test_a_use_that_no_pool_had_has_no_column(wallet, spend):
    charge(wallet, "a", "3")
    assert not {"Reboot", "Debug"} & {label for label, _ in CELL.findall(spend().text)}


def test_a_correction_counts_the_other_way(wallet, spend):
    charge(wallet, "a", "3")
    charge(wallet, "b", "-1")
    assert spend().context["total"] == Tft.parse("2")


def test_older_entries_are_a_link_away(wallet, spend):
    for n in range(60):
        charge(wallet, f"k{n}", "0.5")
    first = spend()
    assert len(first.context["page"].items) == 50
    rest = spend(older=first.context["page"].items[-1].pk)
    assert {entry.pk for entry in [*first.context["page"].items, *rest.context["page"].items]} == set(
        LedgerEntry.objects.values_list("pk", flat=True)
    )


def test_page_and_sidebar_say_one_average_though_the_sidebars_is_remembered(wallet, spend):
    charge(wallet, "a", "1")
    spend()
    charge(wallet, "b", "1")
    page = spend()
    assert page.context["funds"] == Funds(Tft.parse("98"), Rate(), Average(Tft.parse("1"), 1))
    assert "98 days left on average" in page.text
    assert "At the average of 1 day" in page.text


def five_idle(team):
    """As it was found: five xlarge stand by for 93 TFT an hour, on a wallet of 99.5 TFT that spends 0.5 a day."""
    wallet, pool = a_wallet(team, "106.5", twin=a_twin()), a_pool(team)
    charge(wallet, "before", "7", at=timezone.now() - timedelta(days=13, hours=23))
    for _ in range(5):
        a_vm("standby", pool, quote=a_quote(tft_per_hour="18.6"))
    return team


def test_an_hour_that_is_left_is_said_everywhere_in_hours():
    team = five_idle(a_team("Kestrel Labs"))
    client = client_of("owner", team)
    said = "At the current rate (5 VMs, 93 TFT/h): 1 h 4 min. Average of the last 14 days: 0.5 TFT/day, 199 days."
    page = client.get(reverse("spend", args=[team.slug]))
    assert page.context["funds"].low
    for words in (said, "1 h 4 min left at 93 TFT/h", "199 days"):
        assert words in page.text
    overview = client.get(reverse("overview", args=[team.slug]) + "?skip").text
    assert "All is well" not in overview
    for words in ("The wallet runs out in 1 h 4 min", said):
        assert words in overview
    part = client.get(reverse("funds", args=[team.slug])).text
    assert "is-low" in part and said in part
    wallet = Script(team).get("/wallet").said
    assert (wallet["vms"], wallet["per_hour"], wallet["average_per_day"]) == (5, "93.0000000", "0.5000000")
    assert (wallet["seconds_at_rate"], wallet["seconds_at_average"], wallet["low"]) == (3851, 17193600, True)


def test_operators_see_it_too():
    team = five_idle(a_team("Kestrel Labs"))
    operator = client_of("operator", team)
    assert '<span class="chip is-queued"' in operator.get(reverse("operator_teams")).text
    assert "(5 VMs, 93 TFT/h): 1 h 4 min." in operator.get(reverse("operator_team", args=[team.slug])).text


@pytest.mark.parametrize(
    ("balance", "rate", "average", "said"),
    [
        ("100", Rate(), Average(), "Nothing spent in 14 days"),
        ("100", Rate(), Average(Tft.parse("0.01"), 14), "more than 10 years"),
        ("100", Rate(), Average(Tft.parse("2"), 14), "50 days left on average"),
        ("100", Rate(1, Tft.parse("2.15")), Average(Tft.parse("2"), 14), "46 h left at 2.15 TFT/h"),
        ("0", Rate(1, Tft.parse("2.125")), Average(), "Empty: no VM starts"),
    ],
)
def test_how_long_it_lasts_is_said_in_words(balance, rate, average, said):
    found = Funds(Tft.parse(balance), rate, average)
    page = render_to_string(
        "runners/spend/funds.html", {"funds": found, "request": {"team": {"slug": "acme"}}}
    )
    assert said in page


def test_every_page_of_a_team_shows_it_and_renews_it_by_itself(wallet):
    client = client_of("viewer", wallet.team)
    page = client.get(reverse("team", args=[wallet.team.slug])).text
    assert "100.0000000" in page
    part = client.get(reverse("funds", args=[wallet.team.slug])).text
    assert part.lstrip().startswith('<section id="funds"')
    assert 'data-live="money"' in part


def test_pages_of_no_team_show_none(wallet):
    assert 'id="funds"' not in client_of("owner", wallet.team).get(reverse("profile")).text


def test_days_are_columns_of_their_parts_and_days_without_a_charge_stay_empty(wallet, spend):
    charge(wallet, "a", "3")
    charge(wallet, "b", "1", use="idle")
    charge(wallet, "c", "2", use="server", at=timezone.now() - timedelta(days=2))
    page = spend()
    calendar = page.context["calendar"]
    assert [day.total for day in calendar] == [*[Tft()] * 11, Tft.parse("2"), Tft(), Tft.parse("4")]
    assert [look for look in COLUMN.findall(page.text)] == [
        ("is-servers", "50.0", "50.0"),
        ("is-jobs", "25.0", "75.0"),
        ("is-beside", "0.0", "25.0"),
    ]


def test_what_was_charged_before_the_first_of_the_days_is_in_none(wallet, spend):
    charge(wallet, "a", "2", at=timezone.now() - timedelta(days=14))
    assert (spend().context["days"], spend().context["total"]) == ([], Tft())


def test_a_day_is_the_readers_own(wallet):
    reader = client_of("viewer", wallet.team)
    User.objects.filter(pk=reader.user.pk).update(time_zone="Pacific/Auckland")
    with time_machine.travel("2026-11-28T12:30:00Z", tick=False):
        charge(wallet, "a", "2", at=timezone.now())
        days = reader.get(reverse("spend", args=[wallet.team.slug])).context["calendar"]
    assert (days[-1].name, days[-1].total) == (date(2026, 11, 29), Tft.parse("2"))


def test_the_ledger_is_a_file_too_to_the_last_digit(wallet):
    charge(wallet, "a", "0.0000001", vm_id=1, job_id=2, repository="=acme/app")
    others = a_wallet(a_team("Others"), tft="7.7777777", twin=wallet.twin)
    answer = client_of("viewer", wallet.team).get(reverse("ledger_csv", args=[wallet.team.slug]))
    head, newest, grant = csv.reader(answer.getvalue().decode().splitlines())
    assert head == ["at", "amount", "kind", "use", "pool", "vm_id", "job_id", "repository"]
    assert newest[1:] == ["-0.0000001", "charge", "job", "default", "1", "2", "'=acme/app"]
    assert grant[1:3] == ["100.0000000", "grant"] and grant[0].endswith("+00:00")
    assert others.team.slug not in answer["Content-Disposition"]


def test_another_teams_entries_are_not_shown(wallet, spend):
    charge(a_wallet(a_team(), twin=wallet.twin), "x", "7.7777777")
    assert "7.7777777" not in spend().text


def test_without_a_reading_of_prices_dollars_are_left_out(spend):
    assert "about $" in spend().text
    Price.objects.all().delete()
    assert "about $" not in spend().text
