"""The operator sets the cashier, and sees what needs a person."""

import io

import pytest
from django.core.management import CommandError, call_command

from billing.models import Cashier
from tests.billing.till import WORDS, Till, account_of, plug_in
from tests.builders import NOON, a_cashier, a_deposit, a_deposit_address, a_team, a_user
from tfci.accounts.models import AuditEntry
from tfci.core.reasons import columns
from tfci.grid import addresses, reasons
from tfci.grid.ports import GridError

pytestmark = pytest.mark.django_db
ADDRESS = addresses.encode(account_of(WORDS))


@pytest.fixture
def operator(client):
    client.force_login(a_user(is_staff=True))
    return client


@pytest.fixture
def till(monkeypatch):
    made = Till()
    plug_in(monkeypatch, made.payer)
    return made


def test_a_cashier_is_set_once_and_its_words_are_never_shown(operator, till):
    answer = operator.post("/operator/cashier/", {"words": WORDS}, follow=True)
    assert "It holds 1000.0000000 TFT" in answer.text and ADDRESS in answer.text
    assert WORDS not in answer.text
    assert Cashier.objects.get().mnemonic.reveal() == WORDS
    entry = AuditEntry.objects.get(action="cashier_set")
    assert WORDS not in str(entry.__dict__)
    again = operator.post("/operator/cashier/", {"words": "words of another"})
    assert again.status_code == 422
    assert Cashier.objects.get().address == ADDRESS


def test_words_of_no_account_change_nothing(operator, monkeypatch):
    def refuse(words):
        raise GridError(reasons.AccountUnknown())

    plug_in(monkeypatch, refuse)
    answer = operator.post("/operator/cashier/", {"words": "wrong words"})
    assert answer.status_code == 422 and "wrong words" not in answer.text
    assert not Cashier.objects.exists()


def test_the_page_shows_what_needs_a_person(operator):
    cashier = a_cashier(**columns(reasons.ChainReplaced(), "problem"))
    a_deposit_address(a_team("Kestrel Labs"), cashier=cashier, stopped_at=NOON, address="5Stopped")
    a_deposit(None, "3", role="cashier", source="5Stranger")
    page = operator.get("/operator/cashier/").text
    for text in ("shows another chain", "5Stopped", "Kestrel Labs", "5Stranger", "3.0000000", "block 900"):
        assert text in page


def test_on_the_server_the_words_come_by_standard_input(till, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{WORDS}\n"))
    call_command("set_cashier")
    assert "It holds 1000.0000000 TFT" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    with pytest.raises(CommandError, match="No mnemonic"):
        call_command("set_cashier")
