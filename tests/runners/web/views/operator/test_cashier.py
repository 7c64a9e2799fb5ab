"""The operator sets the cashier, and sees what needs a person."""

import io
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.utils import timezone

from billing.models import Cashier
from billing.withdrawal_rules.reasons import CashierEmpty
from tests.billing.till import WORDS, Till, account_of, plug_in
from tests.builders import NOON, a_cashier, a_deposit, a_deposit_address, a_team, a_user, a_withdrawal
from tfci.accounts.models import AuditEntry, User
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
    call_command_with(monkeypatch, "words of another", "--replace")
    assert "The cashier is replaced" in capsys.readouterr().out


def call_command_with(monkeypatch, words, *options):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{words}\n"))
    call_command("set_cashier", *options)


def test_on_the_server_there_must_be_one_to_replace(till, monkeypatch):
    with pytest.raises(CommandError, match="no cashier to replace"):
        call_command_with(monkeypatch, WORDS, "--replace")


def test_it_is_replaced_with_a_fresh_second_factor(operator, till):
    operator.post("/operator/cashier/", {"words": WORDS})
    page, other = "/operator/cashier/replace/", {"words": "words of another"}
    assert operator.post(page, other).status_code == 302
    assert Cashier.objects.get().address == ADDRESS
    enter_factor(operator)
    assert ADDRESS in operator.get(page).text
    answer = operator.post(page, other, follow=True).text
    assert "The cashier is replaced." in answer and "Replaced accounts" in answer and ADDRESS in answer
    assert Cashier.objects.exclude(network=None).get().address != ADDRESS
    assert "was the cashier before" in operator.post(page, {"words": WORDS}).text
    again = operator.post(page, other, follow=True).text
    assert "stored again" in again and "words of another" not in again


def enter_factor(client):
    user = User.objects.get(is_staff=True)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def test_problems_of_money_are_on_the_page_of_now(operator):
    assert "Problems with money" not in operator.get("/operator/").text
    late = timezone.now() - timedelta(hours=1)
    cashier = a_cashier(watched_at=late)
    a_deposit_address(cashier=cashier, stopped_at=late)
    a_withdrawal(a_team(), "held", deadline_at=late, **columns(CashierEmpty(10**8)))
    page = operator.get("/operator/").text
    for text in ("deposits_unread", "At 1 deposit address the chain", "less than the 10.0000000 TFT"):
        assert text in page
    assert 'href="/operator/cashier/"' in page and "/docs/operating/#withdrawals" in page
