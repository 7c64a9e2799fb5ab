"""Deposits, from the chain to a team's balance, and every fault on the way: none is lost, credited twice, or credited
before it is final."""

import pytest
from django.db import connection, transaction

from billing import ledger_accounts, verification
from billing.cashier import addresses as deposit_addresses, deposits
from billing.models import Cashier, ChainTransfer, DepositAddress
from practice.chain import calls
from tests.billing.installation import Installation
from tests.billing.till import WORDS, Till
from tests.builders import NOON, a_team
from tfci.core.tft import UNIT
from tfci.grid import addresses
from tfci.grid.ports import OutOfFunds, Unavailable
from tfci.grid.reasons import GridCode

pytestmark = pytest.mark.django_db
TFT = UNIT
OPENING = deposits.OPENING


# The address


def test_every_team_gets_an_address_that_the_chain_named_a_twin_for(farm, till):
    other = a_team()
    farm.turn()
    assert deposit_addresses.of_team(farm.cashier, other) is None
    till.seal()
    farm.turn()
    shown = deposit_addresses.of_team(farm.cashier, other)
    assert shown.address == till.payer().sub_address(shown.index) != farm.address
    assert till.chain.state.twin_ids[addresses.decode(shown.address)] == shown.twin_id
    assert till.holds(shown.address) == OPENING
    assert (farm.balance, farm.at_address) == (0, 0)


def test_a_number_of_a_team_from_before_a_restored_backup_is_not_given_to_another(farm, till):
    old = farm.address
    ChainTransfer.objects.all().delete()
    DepositAddress.objects.all().delete()
    farm.turn()
    assert farm.address != old


def test_a_closed_team_gets_none(farm):
    gone = a_team(closing_at=NOON)
    farm.turn()
    assert not DepositAddress.objects.filter(team=gone).exists()


def test_without_tft_the_cashier_opens_nothing_and_the_operator_is_told():
    with pytest.raises(OutOfFunds):
        Installation(Till(cashier_holds=600))
    assert Cashier.objects.get().typed_problem.code == GridCode.ACCOUNT_LACKS_FEE


# What comes in


def test_a_deposit_is_credited_once_it_is_final(slow):
    slow.till.pay(slow.address, 5 * TFT)
    slow.watch()
    (seen,) = deposits.seen([slow.row])
    assert (seen.amount, slow.balance) == (5 * TFT, 0)
    slow.till.seal(count=3)
    slow.watch()
    assert (deposits.seen([slow.row]), slow.balance, slow.at_address) == ([], 5 * TFT, 5 * TFT)


def test_a_deposit_that_never_becomes_final_is_never_credited(slow):
    slow.till.pay(slow.address, 5 * TFT)
    slow.till.lag = 10_000
    for _ in range(5):
        slow.till.seal(count=3)
        slow.watch()
    assert (len(deposits.seen([slow.row])), slow.balance) == (1, 0)


def test_a_block_that_is_replaced_takes_its_deposit_along(slow):
    chain = slow.till.chain
    fork = chain.best
    slow.till.pay(slow.address, 5 * TFT)
    slow.watch()
    assert deposits.seen([slow.row])
    chain._acts.clear()
    for _ in range(2):
        fork = chain.seal(fork.at + 6, parent=fork.hash, author="other")
    chain._acts.clear()
    slow.watch()
    assert deposits.seen([slow.row]) == []
    slow.till.seal(count=5)
    slow.watch()
    assert slow.balance == 0 == slow.till.holds(slow.address) - OPENING


@pytest.mark.parametrize("amount", [1, 499, 500, 123 * TFT + 1])
def test_any_amount_counts(farm, till, amount):
    till.pay(farm.address, amount)
    farm.watch()
    assert farm.balance == amount


def test_two_payments_of_one_act_are_two_deposits(farm, till):
    till.pay(farm.address, 2 * TFT, (farm.address, 3 * TFT))
    farm.watch()
    assert farm.balance == 5 * TFT
    assert ChainTransfer.objects.filter(role="deposit").count() == 2


def test_what_the_bridge_mints_is_credited_as_it_arrived(farm, till):
    till.mint(farm.address, 7 * TFT, "stellar-1")
    farm.watch()
    (row,) = ChainTransfer.objects.filter(role="deposit")
    assert (farm.balance, row.kind, row.stellar_transaction) == (7 * TFT, "mint", "stellar-1")


def test_a_closed_team_is_credited_all_the_same(farm, till):
    farm.team.closing_at = NOON
    farm.team.save()
    till.pay(farm.address, 2 * TFT)
    farm.watch()
    assert farm.balance == 2 * TFT


def test_what_comes_to_the_cashier_itself_is_nobodys(farm, till):
    till.pay(farm.cashier.address, 2 * TFT)
    farm.watch()
    (row,) = ChainTransfer.objects.filter(role="cashier")
    assert (row.amount, row.address, row.booked_at, farm.balance) == (2 * TFT, None, None, 0)


def test_what_the_cashier_pays_to_an_address_is_the_operators(farm, till):
    till.act(WORDS, calls.TransferKeepAlive(addresses.decode(farm.address), TFT))
    till.seal()
    farm.watch()
    assert farm.balance == 0
    assert farm.row.stopped_at is None


# The watcher


def test_a_watcher_that_dies_between_credit_and_cursor_credits_nothing(farm, till):
    till.pay(farm.address, 5 * TFT)

    def die(execute, sql, *arguments):
        if sql.startswith('UPDATE "billing_cashier"'):
            raise RuntimeError("killed")
        return execute(sql, *arguments)

    with connection.execute_wrapper(die), pytest.raises(RuntimeError):
        farm.watch()
    assert (farm.balance, ChainTransfer.objects.filter(role="deposit").count()) == (0, 0)
    farm.watch()
    assert farm.balance == 5 * TFT


def test_two_watchers_credit_once(farm, till):
    till.pay(farm.address, 5 * TFT)
    first, second = (Cashier.objects.get(pk=farm.cashier.pk) for _ in range(2))
    payer = till.payer()
    deposits.watch(first, payer, NOON)
    deposits.watch(second, payer, NOON)
    assert farm.balance == 5 * TFT
    assert Cashier.objects.get().block_number == till.chain.final.number


def test_a_node_of_another_chain_changes_nothing(farm, till):
    till.pay(farm.address, 5 * TFT)
    till.view.claimed = b"\1" * 32
    assert farm.watch().code == GridCode.CHAIN_REPLACED
    farm.turn()
    assert (farm.balance, Cashier.objects.get().typed_problem.code) == (0, GridCode.CHAIN_REPLACED)
    till.view.claimed = None
    farm.turn()
    assert (farm.balance, Cashier.objects.get().typed_problem) == (5 * TFT, None)


def test_a_head_that_goes_back_changes_nothing(farm, till):
    till.pay(farm.address, 5 * TFT)
    farm.watch()
    before = Cashier.objects.get().block_number
    till.view.unfinal = 3
    assert farm.watch().code == GridCode.CHAIN_BEHIND
    till.view.behind = 3
    assert farm.watch().code == GridCode.CHAIN_BEHIND
    assert (farm.balance, Cashier.objects.get().block_number) == (5 * TFT, before)


def test_another_block_in_place_of_a_final_one_is_told_and_nothing_is_read(farm, till):
    till.pay(farm.address, 5 * TFT)
    Cashier.objects.update(block_hash="0x" + "ab" * 32)
    assert farm.watch().code == GridCode.FINAL_BLOCK_REPLACED
    assert farm.balance == 0


def test_a_silent_chain_is_told_and_read_on_later(farm, till):
    till.pay(farm.address, 5 * TFT)
    till.silent = True
    with pytest.raises(Unavailable):
        farm.turn()
    assert Cashier.objects.get().typed_problem.code == GridCode.GRID_SILENT
    till.silent = False
    farm.turn()
    assert (farm.balance, Cashier.objects.get().typed_problem) == (5 * TFT, None)


def test_many_blocks_are_read_in_several_turns(farm, till, monkeypatch):
    monkeypatch.setattr(deposits, "BLOCKS", 4)
    till.pay(farm.address, TFT)
    till.seal(count=5)
    till.pay(farm.address, 2 * TFT)
    farm.watch()
    assert farm.balance == TFT
    farm.watch()
    assert farm.balance == 3 * TFT


def test_over_blocks_that_no_node_keeps_the_difference_is_credited():
    farm = Installation(Till(kept=8))
    farm.till.pay(farm.address, TFT)
    farm.watch()
    farm.till.pay(farm.address, 2 * TFT)
    farm.till.pay(farm.address, 3 * TFT)
    farm.till.seal(count=20)
    farm.watch()
    (row,) = ChainTransfer.objects.filter(kind="unnamed")
    assert (row.amount, farm.balance, farm.row.stopped_at) == (5 * TFT, 6 * TFT, None)
    farm.till.pay(farm.address, TFT)
    farm.watch()
    assert farm.balance == 7 * TFT


def test_an_older_backup_reads_the_chain_again_and_comes_to_the_same(farm, till):
    till.pay(farm.address, 5 * TFT)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        farm.watch()
        raise ZeroDivisionError  # all that was written since the backup is lost
    assert farm.balance == 0
    till.pay(farm.address, TFT)
    farm.watch()
    assert (farm.balance, farm.row.stopped_at) == (6 * TFT, None)


@pytest.mark.parametrize("more", [5, 20])
def test_over_blocks_that_no_node_keeps_no_deposit_makes_up_for_a_sweep(more):
    """12 TFT left and 20 came: that is no deposit of 8."""
    farm = Installation(Till(kept=8))
    farm.till.pay(farm.address, 12 * TFT)
    farm.turn()
    farm.till.pay(farm.address, more * TFT)
    farm.till.seal(count=20)
    assert farm.till.holds(farm.address) == OPENING + more * TFT
    farm.watch()
    assert (farm.balance, farm.row.stopped_at) == (12 * TFT, NOON)


def test_an_older_backup_from_before_a_sweep_comes_to_the_same(farm, till):
    till.pay(farm.address, 12 * TFT)
    farm.watch()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        farm.turns()
        assert till.holds(farm.address) == OPENING
        raise ZeroDivisionError  # the sweep is in no row
    farm.turns()
    assert (farm.balance, farm.at_address, till.holds(farm.address)) == (12 * TFT, 0, OPENING)
    assert farm.account(ledger_accounts.CASHIER) == -12 * TFT and farm.row.stopped_at is None


def test_over_a_sweep_that_no_node_keeps_nothing_is_credited_and_the_operator_is_told(farm, till):
    till.pay(farm.address, 12 * TFT)
    farm.watch()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        farm.turns()
        raise ZeroDivisionError
    till.kept = 8
    till.seal(count=20)
    till.pay(farm.address, TFT)
    farm.watch()
    assert (farm.balance, farm.row.stopped_at) == (12 * TFT, NOON)


def test_where_the_chain_holds_something_else_crediting_stops_until_it_agrees_again(farm, till):
    ChainTransfer.objects.filter(role="opening").update(amount=OPENING + 1)
    till.pay(farm.address, 5 * TFT)
    farm.watch()
    assert (farm.balance, farm.row.stopped_at) == (0, NOON)
    ChainTransfer.objects.filter(role="opening").update(amount=OPENING)
    till.pay(farm.address, TFT)
    farm.watch()
    assert (farm.balance, farm.row.stopped_at) == (6 * TFT, None)


def test_all_addresses_are_compared_now_and_then(farm, till):
    ChainTransfer.objects.filter(role="opening").update(amount=OPENING + 1)
    till.seal(count=deposits.CHECKED)
    farm.watch()
    assert farm.row.stopped_at == NOON


def test_the_ledger_is_what_the_rows_say(farm, till):
    till.pay(farm.address, 12 * TFT)
    farm.turns()
    findings = verification.run(verification.CHECKS, NOON)
    assert findings.count == 0
    ChainTransfer.objects.filter(role="deposit").update(amount=11 * TFT)
    (found,) = verification.run(verification.CHECKS, NOON).differences
    assert found.cause == verification.DifferenceCause.DEPOSIT
