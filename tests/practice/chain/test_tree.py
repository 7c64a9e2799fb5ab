"""Blocks, heads and finality: forks, what dies with them, and nodes that show another chain."""

from hashlib import blake2b

import pytest

from practice.chain import calls, events
from practice.chain.acts import Act, Era
from practice.chain.blocks import NO_HASH
from practice.chain.errors import Invalid, Invalidity
from practice.chain.notices import Upgraded
from practice.chain.state import TFT
from practice.chain.tree import FinalityConflict, StateDiscarded
from practice.chain.view import View
from tests.practice.chain.small import ANN, BEN, EVE, Small, a_mint

PAY = calls.TransferKeepAlive(BEN, TFT)


@pytest.fixture
def small():
    made = Small()
    made.give(ANN, 100 * TFT)
    made.chain.finalize_behind(0)
    return made


def transfers(chain):
    return [
        r.event for block in chain.since(0) for r in block.records if isinstance(r.event, events.Transfer)
    ]


def refused(small, act):
    with pytest.raises(Invalid) as caught:
        small.chain.submit(act)
    return caught.value.why


# The pool


def test_an_act_shows_in_no_block_before_its_own(small):
    small.chain.submit(small.signed(ANN, PAY))
    assert transfers(small.chain) == [] and small.chain.waits()
    block = small.seal()
    assert [record.act for record in block.records] == [0] * len(block.records)
    assert len(transfers(small.chain)) == 1 and not small.chain.waits()


def test_the_next_number_counts_what_waits(small):
    for number in range(3):
        assert small.chain.next_nonce(ANN) == number
        small.chain.submit(small.signed(ANN, PAY))
    assert [act.nonce for act in small.seal().acts] == [0, 1, 2]


def test_an_act_of_a_later_number_waits_for_those_before_it(small):
    small.chain.submit(small.signed(ANN, PAY, nonce=1))
    assert small.seal().acts == ()
    small.chain.submit(small.signed(ANN, PAY, nonce=0))
    assert [act.nonce for act in small.seal().acts] == [0, 1]


def test_the_same_bytes_never_pay_twice(small):
    act = small.signed(ANN, PAY)
    small.chain.submit(act)
    assert refused(small, act) is Invalidity.IMPORTED
    small.seal()
    assert refused(small, act) is Invalidity.OUTDATED
    small.seal()
    assert len(transfers(small.chain)) == 1


def test_another_act_of_the_same_number_needs_a_higher_tip(small):
    small.chain.submit(small.signed(ANN, PAY, nonce=0))
    assert refused(small, small.signed(ANN, PAY, nonce=0)) is Invalidity.LOW_PRIORITY
    dearer = small.signed(ANN, calls.TransferKeepAlive(EVE, TFT), nonce=0, tip=5)
    small.chain.submit(dearer)
    assert small.seal().acts == (dearer,)


# Mortality


def test_a_mortal_act_dies_with_its_era(small):
    """Also in the pool: this one waits for one before it."""
    act = small.signed(ANN, PAY, period=4, nonce=1)
    small.chain.submit(act)
    small.seal(), small.seal()
    assert small.chain.waits()
    small.seal()
    assert not small.chain.waits()
    assert refused(small, act) is Invalidity.BAD_PROOF
    small.send(ANN, PAY)
    assert len(transfers(small.chain)) == 1


@pytest.mark.parametrize("waited", [0, 1, 2])
def test_a_mortal_act_lives_until_then(small, waited):
    act = small.signed(ANN, PAY, period=4)
    for _ in range(waited):
        small.seal()
    small.chain.submit(act)
    assert small.seal().acts == (act,)


@pytest.mark.parametrize(
    ("known", "period", "number", "birth"),
    [(10, 64, 11, 10), (10, 64, 73, 10), (10, 64, 74, 74), (0, 4, 3, 0), (7, 4, 8, 7), (100, 64, 101, 100)],
)
def test_an_era_is_born_where_the_runtime_says(known, period, number, birth):
    assert Era.at(known, period).birth(number) == birth


def test_an_immortal_act_pays_again_once_its_account_was_ended_and_founded_anew(small):
    """Its number begins anew with the account: why every act of ours is mortal."""
    immortal = small.signed(ANN, PAY)
    small.chain.submit(immortal)
    small.seal()
    small.send(ANN, calls.TransferAll(EVE, keep_alive=False))
    small.give(ANN, 100 * TFT)
    small.chain.submit(immortal)
    small.seal()
    assert len([event for event in transfers(small.chain) if event.to == BEN]) == 2


def test_a_mortal_act_does_not_once_its_era_is_over(small):
    mortal = small.signed(ANN, PAY, period=4)
    small.chain.submit(mortal)
    small.seal()
    small.send(ANN, calls.TransferAll(EVE, keep_alive=False))
    small.give(ANN, 100 * TFT)
    small.seal()
    assert refused(small, mortal) is Invalidity.BAD_PROOF


# Forks and finality


def test_a_longer_fork_becomes_the_best_and_what_it_lacks_waits_again(small):
    fork = small.chain.best.hash
    small.chain.submit(small.signed(ANN, PAY))
    lost = small.seal()
    other = small.seal(parent=fork, author="other")
    assert small.chain.best == lost and len(transfers(small.chain)) == 1
    small.seal(parent=other.hash, author="other")
    assert transfers(small.chain) == [] and small.chain.waits()
    small.seal()
    assert len(transfers(small.chain)) == 1
    assert small.chain.hash_at(lost.number) == other.hash


def test_a_mint_on_a_block_that_is_left_comes_again(small):
    fork = small.chain.best.hash
    small.seal(a_mint(EVE, 5 * TFT))
    assert small.state.account(EVE).free == 4 * TFT
    for _ in range(2):
        fork = small.seal(parent=fork, author="other").hash
    assert EVE not in small.state.accounts
    small.seal()
    assert small.state.account(EVE).free == 4 * TFT


def test_an_act_that_counts_from_a_block_that_is_left_dies_with_it(small):
    fork = small.chain.best
    block = small.seal()
    era = Era.at(block.number, 64)
    digest = blake2b(b"on the lost block", digest_size=32).digest()
    act = Act(ANN, 0, PAY, digest, block.hash, small.state.terms.spec, era)
    small.chain.submit(act)
    other = small.seal(parent=fork.hash, author="other")
    assert other.acts == ()
    small.seal(parent=other.hash, author="other")
    assert not small.chain.waits() and transfers(small.chain) == []


def test_finality_never_goes_back(small):
    first = small.chain.best
    fork = small.seal()
    small.seal()
    small.chain.finalize_behind(0)
    for block in (first, fork):
        with pytest.raises(FinalityConflict):
            small.chain.finalize(block.hash)
    with pytest.raises(FinalityConflict):
        small.seal(parent=first.hash)


def test_finality_of_a_fork_makes_it_the_best(small):
    fork = small.chain.best.hash
    small.chain.submit(small.signed(ANN, PAY))
    small.seal()
    lost = small.seal()
    other = small.seal(parent=fork, author="other")
    small.chain.finalize(other.hash)
    assert small.chain.best == small.chain.final == other
    with pytest.raises(KeyError):
        small.chain.block(lost.hash)


def test_a_lag_of_finality(small):
    for _ in range(5):
        small.seal()
        small.chain.finalize_behind(3)
        assert small.chain.final.number == max(1, small.chain.best.number - 3)


def test_a_state_of_long_ago_is_discarded_and_its_block_is_not():
    small = Small(kept=4)
    old = small.seal()
    for _ in range(6):
        small.seal()
        small.chain.finalize_behind(0)
    assert small.chain.block(old.hash) == old
    with pytest.raises(StateDiscarded):
        small.chain.state_at(old.hash)
    with pytest.raises(KeyError):
        small.chain.state_at(NO_HASH)


def test_who_keeps_no_archive_knows_the_hash_alone():
    small = Small(kept=1, archive=False)
    old = small.seal()
    for _ in range(3):
        small.seal()
        small.chain.finalize_behind(0)
    assert small.chain.hash_at(old.number) == old.hash
    with pytest.raises(KeyError):
        small.chain.block(old.hash)


def test_an_upgrade_ends_acts_that_were_signed_for_the_runtime_before(small):
    spec = small.state.terms.spec
    old = small.signed(ANN, PAY)
    small.chain.submit(old)
    early = small.seal(Upgraded(spec + 1))
    assert early.acts == (old,) and early.spec == spec, "a block runs on the runtime of the one before it"
    stale = Act(ANN, 1, PAY, b"stale", small.chain.genesis.hash, spec)
    assert refused(small, stale) is Invalidity.BAD_PROOF
    assert small.send(ANN, PAY)
    assert small.chain.best.spec == spec + 1


# Nodes


def test_a_node_that_lags_shows_an_older_head(small):
    view = View(small.chain)
    for _ in range(5):
        small.seal()
        small.chain.finalize_behind(1)
    assert (view.best, view.final) == (small.chain.best, small.chain.final)
    view.behind = 3
    assert view.best.number == small.chain.best.number - 3
    assert view.final == view.best
    assert view.hash_at(small.chain.best.number) is None


def test_a_node_that_takes_finality_back(small):
    view = View(small.chain)
    for _ in range(5):
        small.seal()
        small.chain.finalize_behind(0)
    before = view.final
    view.unfinal = 2
    assert view.final.number == before.number - 2


def test_a_node_that_lies_about_its_past(small):
    view = View(small.chain, claimed=b"\1" * 32)
    assert view.hash_at(0) == b"\1" * 32
    assert view.hash_at(1) == small.chain.hash_at(1)
