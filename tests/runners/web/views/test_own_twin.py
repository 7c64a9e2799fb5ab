"""A team's own twin on pages: who may, what a rejected account is told, and that the words never come back."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from billing import own_twins
from billing.models import ChainBill, Twin
from billing.twin_rules.reasons import OwnTwinCode
from runners import team_deletion
from runners.metering import charges
from runners.models import VM
from runners.web.views import own_twin
from tests.billing.test_twin_rules import FACTS, GOOD
from tests.builders import a_pool, a_price, a_team, a_vm, a_wallet
from tests.people import client_of
from tests.runners.vms.test_own_twins import plug_in
from tests.runners.web.api.scripts import Script
from tests.runners.web.views.test_withdrawals import enter_factor
from tfci.core.tft import Tft
from tfci.grid.payment_ports import OpenTwin, Pay
from tfci.grid.ports import Unavailable

pytestmark = pytest.mark.django_db


class Account:
    """What the chain says of every account."""

    facts_now = FACTS
    broken = None
    sent: ClassVar[list] = []

    def __init__(self, url, words, policy):
        pass

    def facts(self):
        if Account.broken:
            raise Account.broken
        return Account.facts_now

    def address(self):
        return "5Grw"

    def sign(self, call):
        return call

    def send(self, signed):
        Account.sent.append(signed)


@pytest.fixture(autouse=True)
def chain(monkeypatch):
    plug_in(monkeypatch, Account, payer=Account)
    Account.facts_now, Account.broken = FACTS, None
    Account.sent.clear()


@pytest.fixture
def team():
    team = a_team("Kestrel Labs")
    a_wallet(team)
    return team


@pytest.fixture
def owner(team):
    """Signed in with a second factor a moment ago."""
    client = client_of("owner", team)
    Authenticator.objects.create(user=client.user, type=Authenticator.Type.TOTP, data={})
    enter_factor(client)
    return client


def at(name, team):
    return reverse(name, args=[team.slug])


def enter(client, team, words=GOOD):
    return client.post(at("own_twin_words", team), {"words": words, "alone": "on"})


def test_words_are_entered_used_and_removed_and_no_page_shows_them(team, owner):
    assert "has no own twin" in owner.get(at("own_twin", team)).text
    assert "checks on the network simulated" in owner.get(at("own_twin_words", team)).text
    pages = [enter(owner, team), owner.get(at("own_twin", team)), owner.get(at("own_twin_words", team))]
    assert pages[0].status_code == 302 and "Twin 42 on simulated" in pages[1].text
    assert (
        'data-copy="5Grw"' in pages[1].text
        and "can spend everything" in pages[1].text
        and "bond_twin_account" in pages[1].text
    )
    pages += [owner.post(at("own_twin_stop", team)), owner.get(at("own_twin", team))]
    assert "Use it for new VMs" in pages[-1].text and not own_twins.is_used(Twin.objects.get(team=team))
    owner.post(at("own_twin_use", team))
    assert own_twins.is_used(Twin.objects.get(team=team))
    pages += [owner.post(at("own_twin_remove", team), follow=True)]
    assert "The words were removed" in pages[-1].text and "has no own twin" in pages[-1].text
    assert not any("sausage" in page.text for page in pages)


@pytest.mark.parametrize(
    ("words", "facts", "codes"),
    [
        ("legal winner", FACTS, [OwnTwinCode.WORDS_MISCOUNTED]),
        (GOOD.replace("yellow", "year"), FACTS, [OwnTwinCode.WORDS_MISSPELLED]),
        (GOOD, replace(FACTS, twin_id=None), [OwnTwinCode.TWIN_MISSING]),
        (
            GOOD,
            replace(FACTS, verified=False, accepted_terms=False),
            [OwnTwinCode.TERMS_NOT_ACCEPTED, OwnTwinCode.OWNER_UNVERIFIED],
        ),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do_and_nothing_is_stored(team, owner, words, facts, codes):
    Account.facts_now = facts
    answer = enter(owner, team, words)
    assert answer.status_code == 422 and "winner" not in answer.text
    assert [answer.text.index(f'data-reason="{code}"') for code in codes] and not Twin.objects.filter(
        team=team
    )


def test_a_grid_that_does_not_answer_is_no_fault_of_the_words(team, owner):
    Account.broken = Unavailable("The chain gave no answer.")
    answer = enter(owner, team)
    assert (
        answer.status_code == 422 and "could not be checked" in answer.text and "sausage" not in answer.text
    )


def test_the_form_opens_with_a_fresh_second_factor_alone(team):
    client, form = client_of("owner", team), at("own_twin_words", team)
    assert client.get(form).url == reverse("mfa_index")
    Authenticator.objects.create(user=client.user, type=Authenticator.Type.TOTP, data={})
    enter_factor(client, ago=601)
    assert enter(client, team).url.startswith(reverse("mfa_reauthenticate"))
    assert not Twin.objects.filter(team=team)


def test_the_page_shows_what_it_holds_pays_and_was_billed(team, owner):
    a_price(read_at=timezone.now())
    pool, now = a_pool(team, funded=False), timezone.now()
    enter(owner, team)
    twin = Twin.objects.get(team=team)
    Twin.objects.filter(pk=twin.pk).update(
        usable=Tft.parse("1000"), stash=Tft.parse("3590"), reserved=Tft.parse("7.5"), holdings_read_at=now
    )
    vm = a_vm("busy", pool, own_twin=twin, contract_created_at=now - timedelta(hours=1))
    charges.settle(vm, now)
    ChainBill.objects.create(
        twin=twin, contract_id=9, amount=Tft.parse("1.4875"), at=now, cu_price=100_000, su_price=50_000,
        lowest_musd=10, highest_musd=10, certified_percent=125, discount_percent=30, final=False,
    )  # fmt: skip
    page = owner.get(at("own_twin", team)).text
    for shown in (
        "1,000.0000000",
        "3,590.0000000",
        "7.5000000",
        "1.4875000",
        "2.1250000",
        "30 %, 3.0 months",
    ):
        assert shown in page, shown
    assert "It still signs for 1 VM" in page and "Remove words" not in page
    removed = owner.post(at("own_twin_remove", team), follow=True)
    assert "only its words can end" in removed.text and own_twins.of_team(team)
    VM.objects.filter(pk=vm.pk).update(state="gone")
    assert "Remove words" in owner.get(at("own_twin", team)).text


def test_the_sidebar_and_scripts_say_what_pays(team, owner):
    enter(owner, team)
    assert "98.0000000" in owner.get(at("funds", team)).text.replace("\n", "")
    wallet = Script(team, "read").get("/wallet").said
    assert (wallet["on_own_twin"], wallet["balance"]) == (True, "98.0000000")
    Twin.objects.filter(team=team).update(usable=Tft.parse("1"))
    page = owner.get(at("own_twin", team)).text
    assert "own twin lacks TFT" in page and "so no VM starts" in page


def test_a_practice_account_shows_its_words_once_to_be_entered_as_any_other(team, owner, monkeypatch):
    made = owner.post(at("own_twin_practice", team))
    [words] = re.findall(r"<code>([a-z]+(?: [a-z]+){11})</code>", made.text)
    assert Account.sent == [Pay("5Grw", own_twin.PRACTICE), OpenTwin()] and not Twin.objects.filter(team=team)
    assert enter(owner, team, words).status_code == 302
    assert Twin.objects.get(team=team).mnemonic.reveal() == words
    plug_in(monkeypatch, Account, payer=Account, wallet="")
    assert owner.post(at("own_twin_practice", team)).status_code == 404


def test_others_of_the_team_see_the_page_and_no_button(team, owner):
    enter(owner, team)
    page = client_of("admin", team).get(at("own_twin", team)).text
    assert "Twin 42 on simulated" in page and "Stop using" not in page and "Replace words" not in page


def test_a_deleted_team_forgets_its_words(team, owner):
    enter(owner, team)
    team.closing_at = timezone.now()
    team.save()
    team_deletion.step(team, timezone.now())
    assert Twin.objects.get(team=team).mnemonic.reveal() == ""
