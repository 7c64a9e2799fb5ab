"""Page, CSV, PDF and API show the same rows, and their amounts add up to the ledger's balance to the last digit."""

import csv
import io
import re

import pytest
import time_machine
from django.urls import reverse
from hypothesis import HealthCheck, given, settings, strategies as st
from pypdf import PdfReader

from billing import ledger
from billing.uses import Use
from tests.builders import NOON, a_team, a_wallet
from tests.people import client_of
from tests.runners.web.api.scripts import Script
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db

AMOUNT = re.compile(r"−?[\d,]+\.\d{7}")


@pytest.fixture
def team():
    return a_team("Kestrel Labs", billing_details="Kestrel Labs GmbH\nHohe Straße 1\nPlzeň <Bory>")


@pytest.fixture
def get(team):
    """get(page): the answer to a viewer, in the middle of June."""
    client = client_of("viewer", team)

    def ask(page, *month):
        with time_machine.travel("2026-06-15T12:00:00Z", tick=False):
            return client.get(reverse(page, args=[team.slug, *month]))

    return ask


def units(text):
    return Tft.parse(text.replace("−", "-").replace(",", ""))


def rows_of_csv(get):
    return list(csv.DictReader(get("statement_csv", "2026-06").getvalue().decode().splitlines()))


def text_of_pdf(get):
    pages = PdfReader(io.BytesIO(get("statement_pdf", "2026-06").content)).pages
    return "\n".join(page.extract_text() for page in pages)


def total(text, name):
    """The amount that follows those words."""
    return units(AMOUNT.search(text.partition(name)[2])[0])


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(Use), st.integers(-(10**14), 10**14).filter(bool)), max_size=60))
def test_page_csv_pdf_and_api_have_the_same_total(get, team, charges):
    wallet = a_wallet(team, tft="0.0000001")
    ledger.deposit(wallet, "paid", Tft(10**15), NOON)
    for number, (use, amount) in enumerate(charges):
        facts = {"pool_id": number % 7, "pool": f"pool {number % 7}", "vm_id": number}
        ledger.charge(wallet, f"k{number}", Tft(amount), NOON, use=use, **facts)
    balance = ledger.balance(wallet.pk)
    opening, *between, closing = rows_of_csv(get)
    assert (opening["section"], opening["balance"], closing["section"]) == ("opening", "0.0000000", "closing")
    assert sum(Tft.parse(row["amount"]) for row in between) == Tft.parse(closing["balance"]) == balance
    page = re.sub(r"<[^>]+>", " ", get("statement", "2026-06").text.partition('id="main"')[2])
    assert total(page, "Balance so far") == balance
    paper = text_of_pdf(get)
    assert total(paper, "Balance so far") == balance
    with time_machine.travel("2026-06-15T12:00:00Z", tick=False):
        said = Script(team).get("/statements/2026-06").said
    assert Tft.parse(said["closing"]) == Tft.parse(said["change"]) == balance
    assert sum(Tft.parse(line["amount"]) for line in said["lines"]) == balance
    amounts = sorted(Tft.parse(row["amount"]) for row in between)
    assert amounts == sorted(Tft.parse(line["amount"]) for line in said["lines"])
    assert set(amounts) <= {units(text) for text in AMOUNT.findall(paper)}


def test_the_same_statement_gives_the_same_bytes(get, team):
    ledger.deposit(a_wallet(team), "paid", Tft(3), NOON)
    first = get("statement_pdf", "2026-06")
    assert first.content == get("statement_pdf", "2026-06").content
    assert first["Content-Type"] == "application/pdf"
    assert 'filename="statement-kestrel-labs-2026-06-so-far.pdf"' in first["Content-Disposition"]


def test_it_says_from_whom_and_for_whom_it_is(get, team, settings):
    settings.OPERATOR = "Farm & Co.\nHarbour Road 2"
    a_wallet(team)
    for text in (
        text_of_pdf(get),
        get("statement", "2026-06").text.replace("&amp;", "&").replace("&lt;", "<"),
    ):
        for words in ("Farm & Co.", "Harbour Road 2", "Hohe Straße 1", "Plzeň <Bory", "June 2026"):
            assert words in text


def test_a_month_that_is_not_over_says_so_and_one_that_is_does_not(get, team):
    a_wallet(team)
    assert "So far" in get("statement", "2026-06").text
    assert "So far: read on 15 Jun 2026, 12:00 UTC." in text_of_pdf(get)
    client = client_of("viewer", team)
    with time_machine.travel("2026-07-02T12:00:00Z", tick=False):
        page = client.get(reverse("statement", args=[team.slug, "2026-06"])).text
    assert "So far" not in page and "1 Jun 2026, 00:00 UTC to 1 Jul 2026, 00:00 UTC" in page


@pytest.mark.parametrize("month", ["2026-05", "2026-07", "2026-6", "june", "2026-13"])
def test_what_is_no_month_of_the_team_is_not_there(get, team, month):
    for page in ("statement", "statement_csv", "statement_pdf"):
        assert get(page, month).status_code == 404
    with time_machine.travel("2026-06-15T12:00:00Z", tick=False):
        Script(team).get(f"/statements/{month}").problem(404)


def test_the_list_leads_to_each_month_and_its_files(get, team):
    a_wallet(team, tft="12.5")
    page = get("statements").text
    assert "12.5000000" in page and "so far" in page
    for name in ("statement", "statement_csv", "statement_pdf"):
        assert reverse(name, args=[team.slug, "2026-06"]) in page
