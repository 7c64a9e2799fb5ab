"""What every chain does alike with TFT that moves: tfci/grid/payment_ports.py, held by each driver over real
sockets."""

import itertools
from contextlib import suppress

import bip39
import pytest

from practice.chain.tree import KEPT
from tests.contracts.grids import DRIVERS
from tfci.core.tft import UNIT, Tft
from tfci.grid import addresses
from tfci.grid.payment_ports import (
    ERA,
    CarriedOut,
    Expired,
    Failed,
    NumberUsed,
    OpenAddresses,
    OpenTwin,
    Pay,
    Pending,
    StateGone,
    SwapToStellar,
    Sweep,
    TransferKind,
    TransferSeen,
)
from tfci.grid.ports import GridError, OutOfFunds, Unavailable

NUMBERS = itertools.count(1)
TFT = Tft(UNIT)
OPENING = Tft(10_000)
STELLAR = "G" + "A" * 55


@pytest.fixture(scope="module", params=["simulated", "threefold"])
def grid(request, tmp_path_factory):
    grid = DRIVERS[request.param](tmp_path_factory.mktemp(request.param))
    yield grid
    grid.close()


@pytest.fixture
def payer(grid):
    return grid.payer()


def an_address():
    return addresses.encode(next(NUMBERS).to_bytes(32, "big"))


def carried_out(payer, call):
    signed = payer.sign(call)
    payer.send(signed)
    return payer.outcome(signed)


def held(payer, *of):
    return list(payer.balances(of, payer.final().hash).values())


def test_blocks_stand_on_each_other(payer):
    carried_out(payer, Pay(an_address(), TFT))
    final = payer.final()
    below = payer.block(final.number - 1)
    assert (final.parent, payer.block(final.number)) == (below.hash, final)
    assert payer.heads()[0] == final
    assert payer.heads()[1].number >= final.number
    assert payer.block_hash(0) == payer.genesis()
    assert payer.block_hash(final.number) == final.hash
    assert payer.block(final.number + 1_000_000) is payer.block_hash(final.number + 1_000_000) is None
    assert below.at <= final.at


def test_a_payment_is_seen_in_its_block_by_both_sides(payer):
    target, own = an_address(), payer.address()
    fee = payer.fee(Pay(target, 3 * TFT))
    (before,) = held(payer, own)
    done = carried_out(payer, Pay(target, 3 * TFT))
    assert isinstance(done, CarriedOut) and abs(done.fee - fee) < 20
    for watched in ([target], [own], [target, own]):
        (seen,) = payer.transfers(done.block.hash, watched)
        assert seen == TransferSeen(seen.index, TransferKind.TRANSFER, own, target, Tft(3 * TFT))
    assert payer.transfers(done.block.hash, [an_address()]) == []
    assert held(payer, target, own, an_address()) == [3 * TFT, before - 3 * TFT - done.fee, 0]
    assert payer.balances([target], done.block.parent) == {target: 0}


def test_a_mint_says_what_arrived_and_by_which_payment(grid, payer):
    target = an_address()
    grid.mint(target, 5 * UNIT, f"paid-{target}")
    newest = payer.final().number
    blocks = [payer.block(number) for number in range(max(0, newest - 3), newest + 1)]
    (seen,) = (each for block in blocks for each in payer.transfers(block.hash, [target]))
    assert seen == TransferSeen(seen.index, TransferKind.MINT, "", target, Tft(5 * UNIT), f"paid-{target}")
    assert held(payer, target) == [5 * UNIT]


def test_the_same_bytes_pay_once(payer):
    target = an_address()
    signed = payer.sign(Pay(target, TFT))
    for _ in range(3):
        payer.send(signed)
    assert isinstance(payer.outcome(signed), CarriedOut)
    assert held(payer, target) == [TFT]


def test_what_the_account_does_not_have_fails_and_costs_the_fee(payer):
    failed = carried_out(payer, Pay(an_address(), 5000 * TFT))
    assert isinstance(failed, Failed) and failed.fee > 0
    assert failed.error == "Token: FundsUnavailable"


def test_addresses_are_opened_once_and_get_a_twin(payer):
    indexes = (0, 7, 65_535)
    opened = [payer.sub_address(index) for index in indexes]
    assert payer.twins(opened, payer.final().hash) == {}
    done = carried_out(payer, OpenAddresses(indexes, OPENING))
    assert isinstance(done, CarriedOut) and done.failed_calls == 0
    twins = payer.twins([*opened, an_address()], payer.final().hash)
    assert twins.keys() == set(opened) and len(set(twins.values())) == 3
    again = carried_out(payer, OpenAddresses(indexes, OPENING))
    assert again.failed_calls == 3
    assert held(payer, *opened) == [OPENING] * 3


def test_an_account_that_was_paid_opens_a_twin_of_its_own_once(grid, payer):
    words = bip39.bip39_generate(12)
    fresh = grid.payer_of(words)
    carried_out(payer, Pay(fresh.address(), 5 * TFT))
    assert isinstance(carried_out(fresh, OpenTwin()), CarriedOut)
    twins = fresh.twins([fresh.address()], fresh.final().hash)
    facts = grid.stranger(words).facts()
    assert (facts.twin_id, facts.accepted_terms) == (twins[fresh.address()], True)
    assert isinstance(carried_out(fresh, OpenTwin()), Failed)


def test_a_sweep_that_fails_for_one_address_holds_no_other_back(payer):
    carried_out(payer, OpenAddresses((1, 2), OPENING))
    first, second = payer.sub_address(1), payer.sub_address(2)
    carried_out(payer, Pay(second, 12 * TFT))
    done = carried_out(payer, Sweep(((1, Tft(9 * TFT)), (2, Tft(12 * TFT)))))
    assert done.failed_calls == 1
    assert held(payer, first, second) == [OPENING, OPENING]
    (seen,) = payer.transfers(done.block.hash, [first, second])
    assert (seen.source, seen.target, seen.amount) == (second, payer.address(), 12 * TFT)


def test_a_swap_to_stellar_has_a_number_and_a_fee_of_the_bridge(payer):
    fee = payer.bridge_fees().withdrawal
    done = carried_out(payer, SwapToStellar(STELLAR, Tft(fee + TFT)))
    assert isinstance(done, CarriedOut) and done.burn_id
    refused = carried_out(payer, SwapToStellar(STELLAR, fee))
    assert refused.error == "TFTBridgeModule: AmountIsLessThanWithdrawFee"
    assert payer.bridge_fees().deposit > 0


def test_what_was_never_sent_expires_and_can_not_be_carried_out_then(grid, payer):
    target = an_address()
    signed = payer.sign(Pay(target, TFT))
    assert signed.dies_at == signed.born_at + ERA
    assert payer.outcome(signed) == Pending()
    grid.make_blocks(ERA)
    assert payer.outcome(signed) == Expired()
    payer.send(signed)
    grid.make_blocks(1)
    assert (payer.outcome(signed), held(payer, target)) == (Expired(), [0])


def test_a_number_is_used_by_one_of_two(payer):
    target = an_address()
    first, second = payer.sign(Pay(target, TFT)), payer.sign(Pay(target, 2 * TFT))
    assert first.nonce == second.nonce == payer.next_nonce()
    payer.send(second)
    payer.send(first)
    assert payer.outcome(first) == NumberUsed()
    assert isinstance(payer.outcome(second), CarriedOut)
    assert held(payer, target) == [2 * TFT]


def test_a_call_that_was_lost_is_pending_and_is_sent_again(grid, payer):
    signed = payer.sign(Pay(an_address(), TFT))
    with grid.losing_calls(), pytest.raises(Unavailable):
        payer.send(signed)
    assert payer.outcome(signed) == Pending()
    payer.send(signed)
    assert isinstance(payer.outcome(signed), CarriedOut)


def test_a_payment_whose_answer_was_lost_is_known_by_its_outcome(grid, payer):
    target = an_address()
    signed = payer.sign(Pay(target, TFT))
    with grid.losing_answers(), suppress(Unavailable):  # the answer may be lost, or another one
        payer.send(signed)
    assert isinstance(payer.outcome(signed), CarriedOut)
    assert held(payer, target) == [TFT]


def test_who_can_not_pay_the_fee_is_told(grid):
    poor = grid.payer(tft=0)
    with pytest.raises(OutOfFunds):
        carried_out(poor, Pay(an_address(), TFT))


def test_states_of_long_ago_are_gone(grid, payer):
    target = an_address()
    old = carried_out(payer, Pay(target, TFT)).block
    grid.make_blocks(KEPT + 1)
    with pytest.raises(StateGone):
        payer.balances([target], old.hash)
    with pytest.raises(StateGone):
        payer.twins([target], old.hash)
    with pytest.raises(StateGone):
        payer.transfers(old.hash, [target])


def test_a_silent_chain_is_unavailable(grid, payer):
    signed = payer.sign(Pay(an_address(), TFT))
    with grid.silent():
        for ask in (payer.final, payer.genesis, lambda: payer.outcome(signed)):
            with pytest.raises(Unavailable):
                ask()


def test_words_that_are_none_are_not_shown(grid):
    with pytest.raises(GridError) as refused:
        carried_out(grid.payer_of("no-words § of anybody"), Pay(an_address(), TFT))
    assert "anybody" not in str(refused.value)
