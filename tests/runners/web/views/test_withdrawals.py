"""Paying out on pages: who may, what is checked, the links in mails, and the operator's side."""

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from billing import ledger, ledger_accounts as accounts, wallets
from billing.models import Cashier, Withdrawal
from billing.withdrawal_rules.reasons import UnknownActs
from billing.withdrawals import booking, links, requests
from runners.tasks import upkeep
from tests.builders import (
    NOON,
    a_cashier,
    a_deposit_address,
    a_membership,
    a_team,
    a_user,
    a_wallet,
    a_withdrawal,
)
from tests.people import client_of
from tests.runners.web.api.scripts import Script
from tfci.accounts import teams
from tfci.accounts.models import AuditEntry, Role, User
from tfci.core.reasons import columns
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db

CASHIER = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
ADDRESS = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
LINK = re.compile(r"/\S*/pay-out/\S+")


@pytest.fixture
def team():
    team = a_team("Kestrel Labs")
    wallet = a_wallet(team)
    ledger.deposit(wallet, "1", Tft.parse("50"), NOON, accounts.CASHIER)
    return team


@pytest.fixture
def owner(team):
    """Signed in with a second factor a moment ago."""
    client = client_of("owner", team)
    Authenticator.objects.create(user=client.user, type=Authenticator.Type.TOTP, data={})
    enter_factor(client)
    return client


def enter_factor(client, ago=0):
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time() - ago}]
    session["account_authentication_methods_user"] = str(client.user.pk)
    session.save()


def ask(client, team, **form):
    given = {"route": "tfchain", "address": ADDRESS, "amount": "20"} | form
    return client.post(reverse("withdraw", args=[team.slug]), given)


def link_in(mail, what):
    return next(path for path in LINK.findall(mail.body) if f"/{what}/" in path)


def test_what_is_asked_is_confirmed_by_mail_and_stopped_by_mail(team, owner, mailoutbox):
    other = a_membership(team, a_user("other@example.org"), Role.OWNER)
    assert ask(owner, team).status_code == 302
    [mail] = mailoutbox
    assert mail.to == [owner.user.email] and "20.0000000 TFT" in mail.subject and ADDRESS in mail.body
    confirming = link_in(mail, "confirm")
    assert "has confirmed it" in client_of("nobody", team).get(link_in(mail, "stop")).text
    page = owner.get(confirming)
    assert ADDRESS in page.text and Withdrawal.objects.get().state == "requested"  # mail programs open links
    owner.post(confirming)
    assert Withdrawal.objects.get().state == "waiting"
    for again in (owner.get(confirming), owner.post(confirming)):
        assert ADDRESS in again.text and not again.context["confirmable"]
    assert Withdrawal.objects.get().state == "waiting"
    upkeep.mail_withdrawals()
    upkeep.mail_withdrawals()
    assert sorted(mail.to[0] for mail in mailoutbox[1:]) == sorted([owner.user.email, other.user.email])
    stopping = link_in(mailoutbox[-1], "stop")
    anyone = client_of("nobody", team)
    assert "will be sent" in anyone.get(stopping).text and Withdrawal.objects.get().state == "waiting"
    assert "is stopped" in anyone.post(stopping).text
    assert Withdrawal.objects.get().state == "stopped"
    assert "can’t be stopped any more" in anyone.post(stopping).text
    upkeep.mail_withdrawals()
    assert "is stopped" in mailoutbox[-1].subject and "stopped with the link" in mailoutbox[-1].body
    actions = set(AuditEntry.objects.filter(team=team).values_list("action", flat=True))
    assert {"withdrawal_asked", "withdrawal_confirmed", "withdrawal_stopped"} <= actions


def test_whoever_changed_how_they_sign_in_waits_a_day(team, owner, mailoutbox, settings):
    settings.WITHDRAWAL_PAUSE_HOURS = 24
    ask(owner, team)
    User.objects.filter(pk=owner.user.pk).update(sign_in_changed_at=timezone.now())
    answer = owner.post(link_in(mailoutbox[0], "confirm"), follow=True).text
    assert "You changed how you sign in" in answer and Withdrawal.objects.get().state == "requested"
    owner.post(reverse("withdrawal_stop", args=[team.slug, Withdrawal.objects.get().pk]))
    assert ask(owner, team).url == reverse("withdrawals", args=[team.slug])
    assert "Pay out TFT" not in owner.get(reverse("withdrawals", args=[team.slug])).text
    User.objects.filter(pk=owner.user.pk).update(sign_in_changed_at=timezone.now() - timedelta(hours=24))
    assert Withdrawal.objects.get().state == "stopped" and ask(owner, team).status_code == 302
    assert Withdrawal.objects.count() == 2


def test_whoever_became_an_owner_waits_a_day(team, owner, settings):
    settings.WITHDRAWAL_PAUSE_HOURS = 24
    actor, member = owner.user.memberships.get(), a_membership(team)
    teams.change_role(member, Role.OWNER, actor, timezone.now())
    found = requests.pause_of(team, member.user, timezone.now())
    assert found and found.change == "role" and not requests.pause_of(team, owner.user, timezone.now())
    ask_now = (team, member.user, "tfchain", ADDRESS, Tft.parse("20"), Tft(), timezone.now())
    assert requests.ask(*ask_now) is None and not Withdrawal.objects.exists()


def test_another_owner_cannot_confirm_it(team, owner, mailoutbox):
    ask(owner, team)
    confirming = link_in(mailoutbox[0], "confirm")
    other = client_of("owner", team)
    assert other.get(confirming).status_code == other.post(confirming).status_code == 404
    assert Withdrawal.objects.get().state == "requested"


def test_a_link_for_one_thing_is_no_link_for_the_other(team, owner):
    row = a_withdrawal(team)
    stopping = links.token(links.STOP, row).reveal()
    assert links.find(links.STOP, stopping) == row
    assert links.find(links.CONFIRM, stopping) is None and links.find(links.STOP, stopping + "x") is None


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"amount": "50"}, "At most 49.9900000 TFT can be paid out now"),
        ({"amount": "0.05"}, "Pay out at least 0.1000000 TFT"),
        ({"amount": "much"}, "Write an amount of TFT"),
        ({"address": ADDRESS[:-1] + "X"}, "has a typo"),
        ({"address": ""}, "required"),
        ({"route": "stellar"}, "begins with G"),
        ({"route": "moon"}, "not one of the available choices"),
    ],
)
def test_what_can_not_be_paid_out_is_said_beside_its_field(team, owner, form, sentence):
    answer = ask(owner, team, **form)
    assert answer.status_code == 422 and sentence in answer.text
    assert not Withdrawal.objects.exists()


def test_each_mistake_is_said_at_once(team, owner):
    answer = ask(owner, team, address="5abc", amount="500").text
    assert "has a typo" in answer and "At most 49.9900000 TFT" in answer


def test_nothing_is_paid_to_an_address_of_farmhand(team, owner):
    """The cashier pays nothing in: it would be nobody's."""
    a_deposit_address(team, address=ADDRESS)
    assert "Farmhand itself uses this address" in ask(owner, team).text
    Cashier.objects.update(address=CASHIER)
    assert "Farmhand itself uses this address" in ask(owner, team, address=CASHIER).text
    assert not Withdrawal.objects.exists()


def test_a_second_one_waits_for_the_first(team, owner):
    ask(owner, team)
    assert (
        "Only one withdrawal at a time" in owner.get(reverse("withdraw", args=[team.slug]), follow=True).text
    )
    ask(owner, team)
    assert Withdrawal.objects.count() == 1


def test_the_form_opens_with_a_fresh_second_factor_alone(team):
    client, form = client_of("owner", team), reverse("withdraw", args=[team.slug])
    assert client.get(form).url == reverse("mfa_index")
    client.user.set_password("a password of her own")
    client.user.save()
    client.force_login(client.user)
    Authenticator.objects.create(user=client.user, type=Authenticator.Type.TOTP, data={})
    assert client.get(form).url == f"{reverse('mfa_reauthenticate')}?next={form.replace('/', '%2F')}"
    asked = client.get(form, follow=True)
    assert (
        asked.context["reauthentication_alternatives"] and reverse("account_reauthenticate") not in asked.text
    )
    enter_factor(client, ago=601)
    assert ask(client, team).url.startswith(reverse("mfa_reauthenticate")) and not Withdrawal.objects.exists()
    enter_factor(client, ago=590)
    assert client.get(form).status_code == 200


def test_a_mail_that_could_not_be_sent_is_sent_later(team, owner, mailoutbox, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("runners.connections.notices.send_mail", refuse)
        assert (
            "could not be sent yet"
            in ask(owner, team, **{}).client.get(reverse("withdrawals", args=[team.slug])).text
        )
        upkeep.mail_withdrawals()
    assert mailoutbox == []
    upkeep.mail_withdrawals()
    assert len(mailoutbox) == 1


def refuse(*_):
    raise OSError("no mail server")


def test_the_page_lists_each_with_its_reason(team, owner):
    page = reverse("withdrawals", args=[team.slug])
    assert "No withdrawals yet" in owner.get(page).text and "50.0000000" in owner.get(page).text
    row = a_withdrawal(team)
    requests.stop(row, owner.user, timezone.now())
    assert f"It was stopped by {owner.user.email}." in owner.get(page).text


def test_a_request_keeps_the_address_of_its_time(team, owner):
    address = owner.user.email
    ask(owner, team)
    User.objects.filter(pk=owner.user.pk).update(email="another@example.org")
    assert address in owner.get(reverse("withdrawals", args=[team.slug])).text


def test_scripts_read_them(team):
    a_withdrawal(team)
    script = Script(team, "read")
    [shown] = script.call("GET", "/withdrawals").items
    assert (shown["state"], shown["amount"], shown["reason"]) == ("waiting", "10.0000000", None)
    assert shown["fee"] is None
    assert script.call("POST", "/withdrawals").status == 405


def test_the_fee_that_the_chain_took_is_told_once_it_is_known(team, owner, mailoutbox):
    row, fee = a_withdrawal(team, "paid"), Tft.parse("0.0012345")
    booking.pay(row, accounts.IN_FLIGHT, fee, NOON)
    assert booking.fees([row]) == {row.pk: fee}
    [shown] = Script(team, "read").call("GET", "/withdrawals").items
    assert shown["fee"] == str(fee)
    assert str(fee) in owner.get(reverse("withdrawals", args=[team.slug])).text
    upkeep.mail_withdrawals()
    assert str(fee) in mailoutbox[-1].body and str(row.highest_fee) not in mailoutbox[-1].body


def test_operators_see_what_holds_withdrawals_up_and_release_them(team):
    a_cashier()
    row = a_withdrawal(team, "held", **columns(UnknownActs(2, 9)))
    ledger.transfer(
        wallets.for_team(team),
        f"withdrawal:{row.pk}:held",
        ledger.Entry.Kind.WITHDRAWAL,
        ledger.Transfer(accounts.team(team.pk), accounts.held(team.pk), row.total),
        NOON,
    )
    operator = client_of("operator", team)
    page = operator.get(reverse("operator_withdrawals")).text
    release = f"{reverse('operator_withdrawals_release')}?next_number=9"
    assert "2 transactions that Farmhand doesn’t know" in page and f'href="{release}"' in page
    assert "it is paid twice" in operator.get(release).text
    paid = reverse("operator_withdrawal_paid", args=[row.pk])
    assert row.address in operator.get(paid).text
    operator.post(paid)
    row.refresh_from_db()
    assert row.state == "paid"
    assert "No open withdrawals" in operator.get(reverse("operator_withdrawals")).text
