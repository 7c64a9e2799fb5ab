"""What ThreeFold's chain and its verification service say of an account before it may deploy."""

import bip39
import pytest
from substrateinterface import Keypair

from practice.chain import calls
from practice.chain.notices import DispatchedAs, Minted
from practice.chain.state import TFT
from tests.contracts.grids import Threefold
from tfci.grid.payment_ports import Pay
from tfci.grid.ports import Unavailable


@pytest.fixture
def grid(tmp_path):
    grid = Threefold(tmp_path)
    yield grid
    grid.close()


def test_the_owner_is_verified_or_not(grid):
    assert grid.account().facts().verified
    assert not grid.stranger(grid.world.open(verified=False)).facts().verified


def test_a_twin_may_lack_the_terms(grid):
    """The chain wants them before it makes one; who has one from before may not have accepted these."""
    account = grid.account()
    grid.world.state.accepted.clear()
    grid.world.seal()
    facts = account.facts()
    assert facts.twin_id and not facts.accepted_terms


def test_an_account_without_a_twin_may_have_tft(grid):
    words = bip39.bip39_generate(12)
    key = Keypair.create_from_mnemonic(words, ss58_format=42).public_key
    grid.world.notice(Minted(b"paid", key, 9 * TFT + grid.world.state.terms.deposit_fee))
    facts = grid.stranger(words).facts()
    assert (facts.twin_id, facts.verified) == (None, False) and facts.holdings.usable > 8 * TFT


def test_a_bonded_stash_counts_and_stays_where_it_is(grid):
    words = grid.world.open(tft=10)
    twin_id = grid.world.twin_id(grid.world.of_words(words))
    stash = grid.world.of_words(grid.world.open(tft=500)).address
    grid.world.notice(DispatchedAs(stash, calls.BondTwinAccount(twin_id)))
    held = grid.stranger(words).facts().holdings
    assert 499 * TFT < held.stash <= 500 * TFT and held.usable <= 10 * TFT


def test_an_act_that_is_not_final_means_that_somebody_signs(grid):
    words = grid.world.open()
    payer, account = grid.payer_of(words), grid.stranger(words)
    assert not account.facts().signing
    payer.send(payer.sign(Pay(grid.payer().address(), TFT)))
    with grid.world.with_faults(unfinal=3):
        assert account.facts().signing
    grid.make_blocks(3)
    assert not account.facts().signing


def test_without_an_answer_nothing_is_said(grid):
    account = grid.account()
    with grid.silent(), pytest.raises(Unavailable):
        account.facts()
