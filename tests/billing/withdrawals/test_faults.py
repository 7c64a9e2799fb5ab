"""What may go wrong with a withdrawal, on a chain in memory: nothing is paid twice, and nothing is lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction

from billing import ledger, ledger_accounts, verification, wallets
from billing.models import AccountBalance
from billing.withdrawal_rules.life import MAX_ACTS
from billing.withdrawal_rules.reasons import (
    BalanceTooLow,
    CashierEmpty,
    FeeRose,
    NeverCarriedOut,
    NumberTakenOften,
    ReturnedByBridge,
    UnknownActs,
)
from billing.withdrawals import requests, unknown_acts, verification as withdrawals
from practice.chain import calls
from practice.chain.addresses import named
from practice.chain.notices import DispatchedAs, FeeSet, Upgraded
from tests.billing.withdrawals.desk import CASHIER, STELLAR, Desk, reason, state
from tests.builders import NOON, a_user
from tfci.core.tft import UNIT, Tft
from tfci.grid import addresses
from tfci.grid.payment_ports import StateGone

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def team(desk):
    return desk.team("100")


def balance(team):
    return ledger.balance(wallets.for_team(team).pk) - 1  # of a grant of one unit


def verified():
    return verification.run((*verification.CHECKS, *withdrawals.CHECKS), NOON).count == 0


def fees(row):
    return Tft(sum(act.fee for act in row.acts.all()))


def test_what_was_confirmed_is_paid_after_its_delay_and_costs_what_the_chain_took(desk, team):
    row = desk.ask(team, "10")
    desk.turns()
    assert state(row) == "requested"
    assert desk.confirm(row) and not desk.confirm(row)
    desk.turns()
    assert state(row) == "waiting" and balance(team) == Tft.parse("100")
    desk.wait(requests.delay())
    desk.turns()
    assert state(row) == "paid" and desk.payments(row.address) == [Tft.parse("10")]
    assert 0 < fees(row) < row.highest_fee
    assert balance(team) == Tft.parse("90") - fees(row)
    assert verified()


def test_it_is_stopped_while_it_waits_and_not_later(desk, team):
    row = desk.ask(team)
    desk.confirm(row)
    assert requests.stop(row, None, desk.now) and not requests.stop(row, None, desk.now)
    desk.wait(2 * requests.delay())
    desk.turns()
    assert state(row) == "stopped" and balance(team) == Tft.parse("100")
    late = desk.confirmed(team)
    desk.turn()
    assert not requests.stop(late, None, desk.now)


def test_a_mail_that_nobody_answers_ends_it(desk, team):
    row = desk.ask(team)
    desk.wait(timedelta(hours=1))
    assert not desk.confirm(row)
    desk.turn()
    assert state(row) == "expired" and desk.ask(team)


def test_one_at_a_time(desk, team):
    assert desk.ask(team) and desk.ask(team) is None


def test_what_vms_spent_meanwhile_is_not_there_any_more(desk, team):
    row = desk.confirmed(team, "99")
    ledger.charge(wallets.for_team(team), "vm", Tft.parse("5"), NOON, use="job")
    desk.turns()
    assert isinstance(reason(row), BalanceTooLow) and balance(team) == Tft.parse("95")


def test_neither_a_grant_nor_the_operators_credit_leaves(desk):
    team = desk.team("10")
    wallet = wallets.for_team(team)
    ledger.deposit(wallet, "operator:1", Tft.parse("50"), NOON)
    assert ledger.from_chain(team.pk) == Tft.parse("10")
    ledger.charge(wallet, "vm", Tft.parse("55"), NOON, use="job")
    assert ledger.from_chain(team.pk) == Tft.parse("5") + 1  # the unit that was granted was spent first


@pytest.mark.proof
@pytest.mark.parametrize("late", [False, True])
def test_a_process_that_dies_at_any_call_of_the_chain_pays_once(desk, team, late):
    """Signed and killed before the bytes are sent, sent and killed before the answer: the same bytes are sent again."""
    for lives in range(40):
        row = desk.confirmed(team, "1")
        while desk.killed_in(lives, late) and state(row) != "paid":
            desk.blocks()
            desk.turns(1)
        desk.turns()
        assert (state(row), desk.payments(row.address)) == ("paid", [Tft.parse("1")]), lives
    assert verified()


def test_an_answer_that_never_comes_changes_nothing(desk, team):
    row = desk.confirmed(team)
    desk.turn()
    desk.payer.deaf = True
    for _ in range(3):
        with pytest.raises(Exception, match="No answer"):
            desk.turn()
    assert desk.living().withdrawal_id == row.pk
    desk.payer.deaf = False
    desk.turns()
    assert desk.payments(row.address) == [Tft.parse("10")]


def test_a_number_that_other_bytes_used_is_signed_anew_and_paid_once(desk, team):
    row = desk.confirmed(team)
    desk.turn()
    desk.foreign_act(nonce=desk.living().nonce)
    desk.blocks(1)
    desk.turns(4)
    assert state(row) == "paid" and desk.payments(row.address) == [Tft.parse("10")]
    assert list(row.acts.order_by("pk").values_list("state", flat=True)) == ["number_used", "done"]
    assert verified()


def test_who_takes_every_number_gets_the_tft_back_to_their_team(desk, team):
    row = desk.confirmed(team)
    for _ in range(MAX_ACTS):
        desk.turn()
        desk.foreign_act(nonce=desk.living().nonce)
        desk.blocks(1)
    desk.turns()
    assert reason(row) == NumberTakenOften(MAX_ACTS) and balance(team) == Tft.parse("100")
    assert desk.payments(row.address) == [] and verified()


def test_bytes_whose_time_is_over_are_given_back_and_not_a_block_earlier(desk, team):
    row = desk.confirmed(team)
    desk.till.deaf = True  # nobody takes them up
    desk.turn()
    act = desk.living()
    while desk.till.chain.final.number < act.dies_at - 1:
        desk.blocks(1)
    desk.turn()
    assert state(row) == "in_flight"
    desk.blocks(1)
    desk.turn()
    assert reason(row) == NeverCarriedOut() and balance(team) == Tft.parse("100") and verified()


def test_a_payment_in_a_block_that_is_replaced_is_paid_once(desk, team):
    row = desk.confirmed(team)
    desk.turn()
    desk.turn()
    parent = desk.till.chain.best
    desk.blocks(1, lag=1)
    assert desk.payments(row.address) and state(row) == "in_flight"
    other = desk.till.chain.seal(desk.till.chain.best.at, parent=parent.hash, author="other")
    desk.till.chain.seal(desk.till.chain.best.at, parent=other.hash)
    desk.turn()
    assert state(row) == "in_flight"
    desk.turns()
    assert desk.payments(row.address) == [Tft.parse("10")] and state(row) == "paid"


def test_a_payment_in_a_block_that_never_becomes_final_is_neither_paid_nor_signed_anew(desk, team):
    row = desk.confirmed(team)
    desk.turn()
    for _ in range(4):
        desk.blocks(30, lag=10_000)
        desk.turn()
    assert (state(row), row.acts.count(), desk.payments(row.address)) == ("in_flight", 1, [Tft.parse("10")])
    desk.turns()
    assert (state(row), row.acts.count(), desk.payments(row.address)) == ("paid", 1, [Tft.parse("10")])


def test_a_payment_whose_block_no_node_keeps_waits_for_one_that_does(desk, team):
    row = desk.confirmed(team)
    desk.turn()
    desk.blocks(20)
    kept, desk.till.kept = desk.till.kept, 8
    for _ in range(2):
        with pytest.raises(StateGone):
            desk.turn()
    assert (state(row), row.acts.count()) == ("in_flight", 1)
    desk.till.kept = kept
    desk.turns()
    assert (state(row), desk.payments(row.address)) == ("paid", [Tft.parse("10")]) and verified()


@pytest.mark.parametrize("fault", [{"claimed": bytes(32)}, {"unfinal": 3}, {"behind": 3}])
def test_by_a_node_that_lies_or_lags_nothing_is_signed(desk, team, fault):
    row = desk.ask(team)
    desk.confirm(row)
    desk.turns()
    desk.wait(requests.delay())
    node = desk.till.view
    desk.till.view = replace(node, **fault)
    desk.turn()
    assert state(row) == "waiting" and not row.acts.exists()
    desk.till.view = node
    desk.turns()
    assert desk.payments(row.address) == [Tft.parse("10")]


def test_a_runtime_upgrade_before_its_block_gives_it_back(desk, team):
    row = desk.confirmed(team)
    desk.till.deaf = True
    desk.turn()
    desk.till.deaf = False
    desk.blocks(1, Upgraded(desk.till.chain.state.terms.spec + 1))
    desk.turn()
    desk.blocks(66)
    desk.turns()
    assert reason(row) == NeverCarriedOut() and balance(team) == Tft.parse("100")
    assert desk.payments(row.address) == [] and verified()


def test_a_fee_that_rises_after_the_signing_is_the_operators_above_the_limit(desk, team):
    row = desk.confirmed(team)
    desk.turn()
    desk.blocks(1, FeeSet(1000))
    desk.turns()
    assert state(row) == "paid" and fees(row) > row.highest_fee
    assert balance(team) == Tft.parse("90") - row.highest_fee
    operator = AccountBalance.objects.get(account=ledger_accounts.FEES).amount
    assert operator == row.highest_fee - fees(row) and verified()


def test_a_fee_that_rose_signs_nothing(desk, team):
    row = desk.confirmed(team)
    desk.blocks(1, FeeSet(1000))
    desk.turns()
    assert isinstance(reason(row), FeeRose) and not row.acts.exists()
    assert balance(team) == Tft.parse("100") and verified()


def test_what_the_chain_refused_is_given_back_and_its_fee_is_the_operators(desk, team):
    """The cashier's TFT were gone before the payment had its turn."""
    row = desk.confirmed(team, "99.9")
    desk.turn()
    desk.turn()
    rich = desk.till.chain.state.account(CASHIER).free
    desk.blocks(1, DispatchedAs(CASHIER, calls.TransferKeepAlive(named("thief"), rich - 50 * UNIT)))
    desk.turns()
    assert state(row) == "failed" and balance(team) == Tft.parse("100")
    assert fees(row) > 0 and verified()


def test_an_empty_cashier_waits_for_the_operator(desk, team):
    desk.blocks(1, DispatchedAs(CASHIER, calls.TransferKeepAlive(named("stash"), 195 * UNIT)))
    row = desk.confirmed(team)
    desk.turns()
    assert isinstance(reason(row), CashierEmpty) and state(row) == "held"
    desk.till.mint(addresses.encode(CASHIER), 20 * UNIT, "top up")
    desk.turns(4)
    assert state(row) == "paid" and reason(row) is None


@pytest.fixture
def restored(desk, team):
    """Paid on the chain, and in a database that was restored from a backup it still waits."""
    desk.confirmed(team, "1")
    desk.turns()
    row = desk.confirmed(team)
    backup = transaction.savepoint()
    desk.turns()
    assert state(row) == "paid"
    transaction.savepoint_rollback(backup)
    desk.turns(5)
    return row


def test_an_older_backup_signs_nothing_while_one_of_the_acts_that_it_lacks_may_have_paid(
    desk, team, restored
):
    assert reason(restored).count == 1 and state(restored) == "held"
    assert desk.payments(restored.address) == [Tft.parse("10")] and verified()


def test_the_operator_marks_what_one_of_them_has_paid(desk, team, restored):
    seen = reason(restored)
    assert unknown_acts.mark_paid(restored, a_user(), NOON)
    assert not unknown_acts.mark_paid(restored, a_user(), NOON)
    unknown_acts.release(desk.cashier, seen.next_number, a_user(), NOON)
    next_one = desk.confirmed(team, "5")
    desk.turns()
    assert (state(restored), state(next_one)) == ("paid", "paid")
    assert desk.payments(restored.address) == [Tft.parse("10")] and verified()


def test_the_operators_own_act_holds_withdrawals_up_until_they_are_released(desk, team):
    desk.confirmed(team, "1")
    desk.turns()
    desk.foreign_act()
    desk.blocks(1)
    row = desk.confirmed(team)
    desk.turns()
    seen = unknown_acts.reported()
    assert seen == reason(row) and seen.count == 1
    desk.foreign_act()
    desk.blocks()
    unknown_acts.release(desk.cashier, seen.next_number, a_user(), NOON)
    desk.turns()
    assert reason(row) == UnknownActs(1, seen.next_number + 1)  # one that the operator had not seen
    unknown_acts.release(desk.cashier, seen.next_number + 1, a_user(), NOON)
    desk.turns()
    assert state(row) == "paid" and unknown_acts.reported() is None


def test_what_the_bridge_could_not_deliver_is_on_the_balance_again(desk, team):
    row = desk.confirmed(team, "10", address=STELLAR, route=requests.Route.STELLAR, bridge_fee="1")
    desk.turns()
    [burn] = desk.burns()
    assert state(row) == "paid" and burn.amount == row.arrives
    for burn_id in (burn.burn_id, 77):  # the second is of nobody
        desk.till.mint(addresses.encode(CASHIER), Tft.parse("8"), f"refund-{burn_id}")
    desk.turns(2)
    assert reason(row) == ReturnedByBridge(Tft.parse("8")) and state(row) == "returned"
    assert balance(team) == Tft.parse("98") - fees(row) and verified()
