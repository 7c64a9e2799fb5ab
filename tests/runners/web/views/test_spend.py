"""A team's spend on a page: the ledger's own numbers."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
import time_machine
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from billing import ledger
from billing.funds import Average, Funds, Rate
from billing.models import Price
from billing.uses import Use
from runners.web.forms.spend import DIMENSIONS
from tests.builders import a_connection, a_job, a_pool, a_price, a_quote, a_team, a_twin, a_vm, a_wallet
from tests.people import client_of
from tests.runners.web.api.scripts import Script
from tfci.accounts.models import Team
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


def amounts(page):
    """Of each row: its key, what it took, and what the period before took."""
    return [
        (shown.row.key, str(shown.row.spent.amount), str(shown.row.before)) for shown in page.context["rows"]
    ]


def test_balance_days_and_pools_add_up_to_the_ledger_to_the_last_digit(wallet, spend):
    charge(wallet, "a", "0.0000001", vm_id=1, job_id=2, repository="acme/app")
    charge(wallet, "b", "1.2345678", use="idle")
    charge(wallet, "c", "2.0000000", use="boot", at=timezone.now() - timedelta(days=2, hours=1))
    taken = ledger.spent(team=wallet.team)
    for by in DIMENSIONS:
        page = spend(by=by)
        assert page.context["total"].row.spent.amount == taken
        assert sum(shown.row.spent.amount for shown in page.context["rows"]) == taken
        assert sum(column.total for column in page.context["columns"]) == taken
        assert "3.2345679" in page.text
    assert page.context["funds"].balance == Tft.parse("100") - taken == Tft.parse("96.7654321")
    assert page.context["funds"].average == Average(Tft.parse("1.0781893"), 3)


CELL = re.compile(r'<td class="n" data-label="([\w ,]+)">([\d.]+)</td>')


def test_each_row_shows_all_its_uses_and_adds_up(wallet, spend):
    for n, use in enumerate(Use, 1):
        charge(wallet, use, f"0.{n}", use=use)
    [row] = spend(by="pool").context["rows"]
    uses, spent = [f"0.{n}000000" for n, _ in enumerate(Use, 1)], "2.8000000"
    assert [text for _, _, text in row.cells] == [*uses, spent, "100.0 %", "0.0000000", f"+{spent}"]
    cells = dict(CELL.findall(spend(by="pool").text))
    assert (cells["Boot"], cells["Servers"], cells["Reboot"]) == ("0.2000000", "0.7000000", "0.5000000")


def test_a_use_that_nobody_had_has_no_column(wallet, spend):
    charge(wallet, "a", "3")
    assert not {"Reboot", "Debug"} & {label for label, _ in CELL.findall(spend().text)}


def test_a_correction_counts_the_other_way(wallet, spend):
    charge(wallet, "a", "3")
    charge(wallet, "b", "-1")
    assert spend().context["total"].row.spent.amount == Tft.parse("2")


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


def test_page_and_sidebar_agree_that_it_lasts_more_than_ten_years(wallet, spend):
    charge(wallet, "a", "0.0018364")
    page = " ".join(spend().text.split())
    assert "More than 10 years left" in page
    assert "over 10 years" in page


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
    totals = [column.total for column in page.context["columns"]]
    assert totals == [*[Tft()] * 27, Tft.parse("2"), Tft(), Tft.parse("4")]
    assert [look for look in COLUMN.findall(page.text)] == [
        ("is-servers", "50.0", "50.0"),
        ("is-jobs", "25.0", "75.0"),
        ("is-beside", "0.0", "25.0"),
    ]


def test_the_thirty_days_before_are_what_the_last_thirty_are_compared_with(wallet, spend):
    for key, days in (("a", 0), ("b", 29), ("c", 30), ("d", 59), ("e", 60)):
        charge(wallet, key, "2", at=timezone.now() - timedelta(days=days))
    assert amounts(spend(by="pool")) == [("1", "4.0000000", "4.0000000")]
    assert [before for _, _, before in amounts(spend())] == ["2.0000000", "2.0000000"]


def test_two_periods_may_be_chosen(wallet, spend):
    for key, day in (("a", 1), ("b", 3), ("c", 20)):
        charge(wallet, key, f"{day}", at=datetime(2026, 5, day, 12, tzinfo=UTC))
    chosen = {
        "since": "2026-05-20",
        "until": "2026-05-21",
        "before_since": "2026-05-01",
        "before_until": "2026-05-03",
    }
    assert amounts(spend(by="repository", **chosen)) == [("", "20.0000000", "4.0000000")]
    page = spend(**chosen)
    assert amounts(page) == [("2026-05-20", "20.0000000", "1.0000000"), ("", "0.0000000", "3.0000000")]
    assert "+16.0000000" in page.text and "Further days of the period before" in page.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"since": "2026-06-02", "until": "2026-06-01"}, "not before the first day"),
        ({"before_since": "2026-06-02", "before_until": "2026-06-01"}, "not before the first day"),
        ({"since": "2025-01-01", "until": "2026-06-01"}, "at most 366 days"),
        ({"since": "0001-01-01", "until": "0001-01-02"}, "2000"),
        ({"since": "soon"}, "valid date"),
        ({"pool": "first"}, "Pool: Choose a number"),
        ({"by": "month"}, "Group by: Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_said_and_shows_nothing(wallet, spend, query, said):
    charge(wallet, "a", "3")
    page = spend(**query)
    assert said in page.text
    assert "rows" not in page.context


def test_a_row_is_a_filter_that_combines_with_others_and_can_be_removed(wallet, spend):
    connection = a_connection(wallet.team, name="acme")
    for n, (person, workflow) in enumerate((("ann", "ci.yml"), ("bob", "ci.yml"), ("ann", "release.yml")), 1):
        job = a_job(connection, "completed", sender=person, workflow=workflow, repository="acme/app")
        charge(wallet, person + workflow, f"{n}", job_id=job.pk, repository="acme/app")
    charge(wallet, "idle", "9", use="idle")

    def follow(page, key):
        [link] = [shown.link for shown in page.context["rows"] if shown.row.key == key]
        return spend(**dict(parse_qsl(link.removeprefix("?"))))

    page = follow(spend(by="person"), "ann")
    assert [str(each.name) for each in page.context["filters"]] == ["ann"]
    assert amounts(page) == [("acme/app", "4.0000000", "0.0000000")]
    page = follow(spend(by="workflow", person="ann"), "ci.yml")
    assert page.context["total"].row.spent.amount == Tft.parse("1")
    assert [each.without for each in page.context["filters"]] == [
        "?person=ann&by=repository",
        "?by=repository&workflow=ci.yml",
    ]
    assert "Remove the filter Person: ann" in page.text
    page = follow(spend(by="repository"), "")
    assert page.context["total"].row.spent.amount == Tft.parse("9")
    assert [str(each.name) for each in page.context["filters"]] == ["No job"]


def test_long_tables_have_pages_and_each_its_total(wallet, spend):
    for n in range(45):
        charge(wallet, f"{n}", "1", repository=f"acme/app{n}")
    for use in Use:  # each has a column then
        charge(wallet, f"{use}", "1234.5678901", repository="acme/" + "x" * 290, use=use)
    first = spend(by="repository")
    assert len(first.content) < 100_000
    rest = spend(by="repository", **{"from": 40})
    assert (len(first.context["rows"]), len(rest.context["rows"])) == (40, 6)
    assert first.context["total"].row == rest.context["total"].row
    assert first.context["total"].row.spent.amount == ledger.spent(team=wallet.team)


def test_what_was_charged_before_the_first_of_the_days_is_in_none(wallet, spend):
    charge(wallet, "a", "2", at=timezone.now() - timedelta(days=60))
    assert (spend().context["rows"], spend().context["total"].row.spent.amount) == ([], Tft())


def test_a_day_is_the_teams_own(wallet):
    reader = client_of("viewer", wallet.team)
    Team.objects.filter(pk=wallet.team_id).update(time_zone="Pacific/Auckland")
    with time_machine.travel("2026-11-28T12:30:00Z", tick=False):
        charge(wallet, "a", "2", at=timezone.now())
        page = reader.get(reverse("spend", args=[wallet.team.slug]))
    assert amounts(page) == [("2026-11-29", "2.0000000", "0.0000000")]


def test_another_teams_entries_are_not_shown(wallet, spend):
    charge(a_wallet(a_team(), twin=wallet.twin), "x", "7.7777777")
    assert "7.7777777" not in spend().text


def test_without_a_reading_of_prices_dollars_are_left_out(spend):
    assert "about $" in spend().text
    Price.objects.all().delete()
    assert "about $" not in spend().text
