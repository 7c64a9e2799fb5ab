"""Transfers, fees, the bridge, sub-accounts: what each moves, and what is refused."""

import pytest

from practice.chain import calls, events, fees
from practice.chain.addresses import BLOCK_AUTHOR, BRIDGE_FEES, sub_account
from practice.chain.errors import Invalid, Invalidity
from practice.chain.notices import FeeSet
from practice.chain.state import EXISTENTIAL_DEPOSIT, TFT
from tests.practice.chain.small import ANN, BEN, EVE, TERMS, Small, a_mint, kinds

STELLAR = b"G" + b"A" * 55


@pytest.fixture
def small():
    made = Small()
    made.give(ANN, 100 * TFT)
    return made


def failure(told):
    (event,) = (event for event in told if isinstance(event, events.ExtrinsicFailed))
    return event.dispatch_error.name


@pytest.mark.parametrize("call", [calls.Transfer, calls.TransferAllowDeath, calls.TransferKeepAlive])
def test_a_transfer_moves_its_amount_and_tells_so(small, call):
    told = small.send(ANN, call(BEN, 3 * TFT))
    assert events.Transfer(ANN, BEN, 3 * TFT) in told
    assert small.state.account(BEN).free == 3 * TFT


def test_a_fee_is_a_base_a_weight_and_a_unit_a_byte_and_goes_to_the_author(small):
    before, author = small.state.account(ANN).free, small.state.account(BLOCK_AUTHOR).free
    call = calls.TransferKeepAlive(BEN, TFT)
    small.send(ANN, call, size=150)
    fee = before - TFT - small.state.account(ANN).free
    assert fee == fees.fee(call, 150, 100) == fees.fee(call, 140, 100) + 10 > fees.BASE
    assert small.state.account(BLOCK_AUTHOR).free == author + fee


def test_a_fee_that_rises_is_asked_for_again(small):
    call = calls.TransferKeepAlive(BEN, TFT)
    small.seal(FeeSet(300))
    assert fees.fee(call, 140, small.state.terms.fee_percent) == 3 * fees.fee(call, 140, 100)


def test_a_call_that_fails_costs_its_fee_and_uses_its_number(small):
    assert failure(small.send(ANN, calls.TransferKeepAlive(BEN, 1000 * TFT))) == "FundsUnavailable"
    assert small.state.account(ANN).nonce == 1
    assert small.state.account(ANN).free < 100 * TFT
    assert BEN not in small.state.accounts


def test_who_has_too_little_for_the_fee_is_not_even_heard(small):
    small.give(EVE, 1000)
    with pytest.raises(Invalid) as caught:
        small.chain.submit(small.signed(EVE, calls.TransferKeepAlive(BEN, 500)))
    assert caught.value.why is Invalidity.NO_FEE


def test_one_unit_reaches_an_account_and_founds_none(small):
    assert failure(small.send(ANN, calls.TransferKeepAlive(BEN, 1))) == "BelowMinimum"
    small.give(BEN, EXISTENTIAL_DEPOSIT)
    assert events.Transfer(ANN, BEN, 1) in small.send(ANN, calls.TransferKeepAlive(BEN, 1))
    assert small.state.account(BEN).free == EXISTENTIAL_DEPOSIT + 1


def test_what_is_too_little_to_live_of_is_burnt(small):
    free, issued = small.state.account(ANN).free, small.state.issuance
    call = calls.TransferAllowDeath(BEN, free - fees.fee(calls.TransferAllowDeath(BEN, 0), 140, 100) - 7)
    told = small.send(ANN, call)
    assert events.DustLost(ANN, 7) in told and events.KilledAccount(ANN) in told
    assert small.state.issuance == issued - 7
    assert ANN not in small.state.accounts


def test_keep_alive_keeps_alive(small):
    call = calls.TransferKeepAlive(BEN, small.state.account(ANN).free - 100_000)
    small.send(ANN, calls.TransferAll(BEN, keep_alive=True))
    assert small.state.account(ANN).free == EXISTENTIAL_DEPOSIT
    small.give(ANN, TFT)
    assert failure(small.send(ANN, calls.TransferKeepAlive(BEN, call.value))) == "FundsUnavailable"


def test_all_can_be_sent(small):
    assert events.KilledAccount(ANN) in small.send(ANN, calls.TransferAll(BEN, keep_alive=False))


# Sub-accounts and batches


def test_a_sub_account_has_the_address_that_pallet_utility_derives():
    """The example of polkadot.js: 5GvUh7fG…, number 0, is 5E5XxqPx…"""
    parent = "d6e6e33e51f1e26a0daa9203ee8fb48593af0d4d5b85fc47889ad592126fd634"
    child = "591a683ee626d1bb376d718fb76975f8f5d9e71dbedc412fc223f7fee1ae1da9"
    assert sub_account(bytes.fromhex(parent), 0) == bytes.fromhex(child)


def test_a_sub_account_gets_terms_and_a_twin_without_money_of_its_own(small):
    team = sub_account(ANN, 7)
    batch = calls.BatchAll((calls.AsDerivative(7, TERMS), calls.AsDerivative(7, calls.CreateTwin())))
    (stored,) = (event for event in small.send(ANN, batch) if isinstance(event, events.TwinStored))
    assert (stored.account, small.state.twin_ids[team]) == (team, stored.twin_id)
    assert team not in small.state.accounts


def sweeps(*amounts):
    return tuple(
        calls.AsDerivative(index, calls.TransferKeepAlive(ANN, amount))
        for index, amount in enumerate(amounts)
    )


def test_a_sweep_is_signed_and_paid_by_the_parent(small):
    for index in range(3):
        small.give(sub_account(ANN, index), 20 * TFT)
    told = small.send(ANN, calls.ForceBatch(sweeps(TFT, 2 * TFT, 3 * TFT)))
    assert [event.amount for event in told if isinstance(event, events.Transfer)] == [TFT, 2 * TFT, 3 * TFT]
    assert small.state.account(sub_account(ANN, 2)).free == 17 * TFT


@pytest.mark.parametrize(
    ("batch", "done", "last"),
    [
        (calls.ForceBatch, [1, 3], "BatchCompletedWithErrors"),
        (calls.Batch, [1], "BatchInterrupted"),
        (calls.BatchAll, [], "ExtrinsicFailed"),
    ],
)
def test_a_batch_that_fails_in_its_middle(small, batch, done, last):
    for index in range(3):
        small.give(sub_account(ANN, index), 20 * TFT)
    told = small.send(ANN, batch(sweeps(TFT, 99 * TFT, 3 * TFT)))
    assert [event.amount // TFT for event in told if isinstance(event, events.Transfer)] == done
    assert last in kinds(told)


# The bridge


def test_a_payment_on_stellar_is_minted_once_less_the_fee(small):
    fees_before = small.state.account(BRIDGE_FEES).free
    block = small.seal(a_mint(BEN, 5 * TFT, number=99_000_001))
    told = [record.event for record in block.records]
    assert events.Deposit(BEN, 4 * TFT) in told and "MintCompleted" in kinds(told)
    again = small.seal(a_mint(BEN, 5 * TFT, number=99_000_001))
    assert (again.records, again.notices) == ((), ())
    assert small.state.account(BEN).free == 4 * TFT
    assert small.state.account(BRIDGE_FEES).free == fees_before + TFT


def test_no_more_than_the_fee_is_minted_to_nobody(small):
    assert small.seal(a_mint(BEN, TFT)).records == ()


def test_a_swap_burns_and_names_what_arrives(small):
    issued = small.state.issuance
    told = small.send(ANN, calls.SwapToStellar(STELLAR, 10 * TFT))
    assert events.BurnTransactionCreated(1, ANN, STELLAR, 9 * TFT) in told
    assert small.state.issuance == issued - 9 * TFT


@pytest.mark.parametrize(
    ("target", "tft", "name"),
    [
        (b"nonsense", 10, "InvalidStellarPublicKey"),
        (STELLAR, 1, "AmountIsLessThanWithdrawFee"),
        (STELLAR, 1000, "NotEnoughBalanceToSwap"),
    ],
)
def test_a_swap_that_can_not_be(small, target, tft, name):
    assert failure(small.send(ANN, calls.SwapToStellar(target, tft * TFT))) == name


def test_a_refund_of_the_bridge_is_a_mint_to_the_sender(small):
    small.send(ANN, calls.SwapToStellar(STELLAR, 10 * TFT))
    free = small.state.account(ANN).free
    small.seal(a_mint(ANN, 9 * TFT))
    assert small.state.account(ANN).free == free + 8 * TFT


# Twins


def test_a_twin_needs_accepted_terms_and_is_one_an_account(small):
    assert failure(small.send(ANN, calls.CreateTwin())) == "UserDidNotSignTermsAndConditions"
    small.send(ANN, TERMS)
    assert "TwinStored" in kinds(small.send(ANN, calls.CreateTwin()))
    assert failure(small.send(ANN, calls.CreateTwin())) == "TwinWithPubkeyExists"


def test_a_twin_bonds_an_account_of_another(small):
    small.send(ANN, TERMS)
    small.send(ANN, calls.CreateTwin())
    small.give(BEN, TFT)
    assert failure(small.send(ANN, calls.BondTwinAccount(1))) == "TwinCannotBoundToItself"
    assert events.TwinAccountBounded(1, BEN) in small.send(BEN, calls.BondTwinAccount(1))
    assert failure(small.send(BEN, calls.BondTwinAccount(9))) == "TwinNotExists"
