"""The page on which a team pays in: an address once there is one, what came in, and the practice wallet where TFT is
play."""

import pytest
from django.urls import reverse

from billing import ledger
from billing.cashier import turn
from billing.models import Cashier, DepositAddress
from tests.billing.till import RICH, WORDS, Till, account_of, plug_in
from tests.builders import NOON, a_cashier, a_deposit, a_deposit_address, a_team, a_wallet
from tests.people import client_of
from tfci.core.secret import Secret
from tfci.core.tft import UNIT
from tfci.grid import addresses
from tfci.grid.ports import Unavailable

pytestmark = pytest.mark.django_db
STELLAR = "G" + "A" * 55


@pytest.fixture
def team():
    return a_wallet(a_team("Kestrel Labs")).team


def opened(team, role="viewer"):
    return client_of(role, team).get(reverse("deposit", args=[team.slug])).text


def paid(team, role="member", **form):
    address = reverse("practice_payment", args=[team.slug])
    return client_of(role, team).post(address, {"amount": "100"} | form, follow=True)


def test_without_a_cashier_the_page_leads_to_the_operator(team):
    page = opened(team)
    assert (
        "has not set up payments in TFT" in page
        and f'href="{reverse("spend", args=[team.slug])}">Ask the operator' in page
    )


def test_until_the_chain_named_the_twin_the_page_says_how_long_it_takes(team):
    a_deposit_address(team, twin_id=None, address="5Unnamed")
    page = opened(team)
    assert "takes about a minute" in page and 'data-live="money"' in page
    assert "5Unnamed" not in page
    assert 'id="deposit"' in page and 'hx-select="#deposit"' in page
    DepositAddress.objects.update(twin_id=7)
    assert 'id="deposit"' in opened(team) and 'hx-select="#deposit"' not in opened(team)


def test_the_address_is_shown_with_what_each_wallet_needs(team, settings):
    settings.BRIDGE = STELLAR
    address = a_deposit_address(team, twin_id=4711)
    page = opened(team)
    for text in (address.address, "twin_4711", STELLAR, "ThreeFold Connect", "Polkadot", "to twin 4711"):
        assert text in page
    assert page.count('role="img" aria-label="QR code') == 2
    assert len(page.encode()) < 100_000


def test_without_the_bridges_address_no_memo_is_shown(team):
    a_deposit_address(team, twin_id=4711)
    page = opened(team)
    assert "twin_4711" not in page and "Move TFT to TFChain in your own wallet first" in page


def test_deposits_say_how_far_they_are(team):
    seen = {"amount": 3 * UNIT, "kind": "mint", "block": 901, "at": NOON.isoformat()}
    address = a_deposit_address(team, seen=[seen])
    a_deposit(address, "5")
    a_deposit(address, "7", booked_at=None)
    page = opened(team)
    for text in ("Seen, not final", "3.0000000", "Credited", "5.0000000", "Final, not credited", "7.0000000"):
        assert text in page


def test_an_address_that_does_not_add_up_says_so(team):
    a_deposit_address(team, stopped_at=NOON)
    assert "once the operator has cleared this up" in opened(team)


def test_one_click_of_the_practice_wallet_is_a_payment_on_the_chain(team, monkeypatch):
    till = Till()
    plug_in(monkeypatch, lambda words: till.payer(RICH if "practice" in words else words))
    cashier = a_cashier(
        address=addresses.encode(account_of(WORDS)), mnemonic=Secret(WORDS), genesis="", block_number=None
    )

    def turns():
        for _ in range(3):
            cashier.refresh_from_db()
            turn.take(cashier, till.payer(), NOON)
            till.seal()

    turns()
    assert "The practice wallet paid" in paid(team).text
    assert ledger.balance(team.wallet_set.get().pk) == 100 * UNIT
    turns()
    assert ledger.balance(team.wallet_set.get().pk) == 200 * UNIT
    assert "Credited" in opened(team)


@pytest.mark.parametrize("amount", ["", "7", "-100", "10000000"])
def test_other_amounts_are_refused(team, amount):
    a_deposit_address(team)
    assert "Choose one of the amounts" in paid(team, amount=amount).text


def test_a_grid_that_does_not_answer_is_said(team, monkeypatch):
    a_deposit_address(team)

    class Silent:
        def sign(self, call):
            raise Unavailable("The simulated grid gave no answer.")

        def send(self, signed):
            pass

    plug_in(monkeypatch, lambda words: Silent())
    assert "gave no answer" in paid(team).text


def test_where_tft_is_real_there_is_no_practice_wallet(team, settings):
    settings.GRID = "main"
    a_deposit_address(team, cashier=a_cashier(network="main"))
    assert "Practice wallet" not in opened(team, "owner")
    assert paid(team).status_code == 404


def test_a_viewer_sees_the_address_and_can_not_pay(team):
    a_deposit_address(team)
    assert "Practice wallet" not in opened(team)
    assert "Practice wallet" in opened(team, "member")
    assert paid(team, "viewer").status_code == 403
    assert Cashier.objects.count() == 1
