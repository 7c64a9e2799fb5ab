"""TFT put on a wallet by hand, and chain accounts added: each once, audited, without the words."""

import re

import pytest
from django.utils.html import escape

from billing import accounts, ledger
from billing.models import LedgerEntry, Twin
from tests.practice.grid import harness
from tfci.accounts.models import AuditEntry
from tfci.core.tft import UNIT, Tft
from tfci.grid.reasons import AccountUnknown


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    grid = harness.Grid(tmp_path_factory.mktemp("grid") / "grid")
    yield grid
    grid.close()


@pytest.fixture
def words(grid, settings):
    """Of an account that holds 7 TFT."""
    settings.GRID_URL = grid.url
    return grid.control("/accounts", amount=7 * UNIT)["mnemonic"]


def balance(house):
    return ledger.balances([house.team.pk])[house.team.pk]


def test_a_credit_is_on_the_wallet_once_however_often_it_is_sent(house, operator):
    before, page = balance(house), operator.get("/operator/teams/kestrel-labs/").text
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    form = {"amount": "2.5", "why": "for the outage", "key": key}
    for said in ("was added to the wallet of Kestrel Labs", "counts once"):
        answer = operator.post("/operator/teams/kestrel-labs/credit/", form, follow=True)
        assert said in answer.text
    assert balance(house) == before + Tft.parse("2.5")
    answer = operator.post("/operator/teams/kestrel-labs/credit/", form | {"amount": "3"}, follow=True)
    assert "already sent with another amount" in answer.text
    assert balance(house) == before + Tft.parse("2.5")
    entry = AuditEntry.objects.get(what="operator.credit")
    assert (entry.team, entry.who, entry.note) == (house.team, str(operator.user), "for the outage")
    assert entry.after == {"amount": "2.5000000 TFT"}


@pytest.mark.parametrize(
    "form, sentence",
    [
        ({"amount": "much"}, "Enter a number of TFT"),
        ({"amount": "-1"}, "more than 0"),
        ({"amount": "0"}, "more than 0"),
        ({"amount": "1000000.1"}, "up to 1,000,000"),
        ({"why": ""}, "required"),
        ({"key": "short"}, "Reload the page"),
    ],
)
def test_a_wrong_credit_moves_nothing(form, sentence, house, operator):
    before = LedgerEntry.objects.count()
    sent = {"amount": "1", "why": "gift", "key": "0" * 32} | form
    answer = operator.post("/operator/teams/kestrel-labs/credit/", sent)
    assert answer.status_code == 422 and sentence in answer.text
    assert LedgerEntry.objects.count() == before and not AuditEntry.objects.filter(what="operator.credit")


def test_an_account_is_added_once_the_chain_knows_its_words(house, operator, words):
    answer = operator.post("/operator/accounts/", {"twin_id": 777, "words": words}, follow=True)
    assert "Account 777 is active. Its balance is 7.0000000 TFT." in answer.text
    assert Twin.objects.get(twin_id=777).mnemonic.reveal() == words
    entry = AuditEntry.objects.get(what="operator.account")
    assert (entry.team, entry.on) == (None, "account 777 on simulated")
    assert words not in answer.text and words.split()[-1] not in str(entry.__dict__)


def test_words_that_the_chain_does_not_know_are_not_kept(house, operator, words):
    before = Twin.objects.count()
    answer = operator.post("/operator/accounts/", {"twin_id": 777, "words": "wrong words"})
    assert answer.status_code == 422 and escape(AccountUnknown()) in answer.text
    assert "wrong words" not in answer.text
    assert Twin.objects.count() == before and not AuditEntry.objects.filter(what="operator.account")


def test_an_account_that_is_there_keeps_its_words(house, operator, words):
    operator.post("/operator/accounts/", {"twin_id": 777, "words": words})
    answer = operator.post("/operator/accounts/", {"twin_id": 777, "words": words})
    assert "already exists" in answer.text
    assert AuditEntry.objects.filter(what="operator.account").count() == 1


def test_the_accounts_are_read_in_one_query(house, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [one.wallets for one in accounts.list_accounts(house.team.created_at)] == [1]
