"""What a ThreeFold node shows of TFT that moves, beyond what every chain does alike: forks, upgrades, lies, and
cost."""

import pytest
from substrateinterface import SubstrateInterface

from practice.chain import calls
from practice.chain.notices import Upgraded
from tests.counterparts.threefold.server import Server
from tests.counterparts.threefold.world import World
from tfci.core.secret import Secret
from tfci.core.tft import UNIT, Tft
from tfci.grid import addresses
from tfci.grid.drivers.threefold.payments import ThreefoldPayer
from tfci.grid.payment_ports import CarriedOut, Expired, NumberUsed, Pay, Pending
from tfci.grid.ports import Unavailable

TARGET = addresses.encode(b"\7" * 32)


@pytest.fixture
def world():
    return World(lag=3)


@pytest.fixture
def payer(world):
    server = Server(world)
    made = ThreefoldPayer("dev", server.url, Secret(world.open()))
    for _ in range(4):
        world.seal()
    yield made
    made.close()
    server.stop()


def paid(payer, amount=UNIT):
    signed = payer.sign(Pay(TARGET, Tft(amount)))
    payer.send(signed)
    return signed


def blocks(world, count):
    for _ in range(count):
        world.seal()


def test_what_is_in_a_block_that_is_not_final_is_pending_and_seen(world, payer):
    signed = paid(payer)
    assert payer.outcome(signed) == Pending()
    assert payer.final().number < payer.heads()[1].number
    (seen,) = payer.transfers(payer.heads()[1].hash, [TARGET])
    assert seen.amount == UNIT
    blocks(world, 3)
    assert isinstance(payer.outcome(signed), CarriedOut)


def test_on_a_fork_without_it_the_act_is_pending_and_comes_back(world, payer):
    fork = world.chain.best
    signed = paid(payer)
    with_it = payer.heads()[1].hash
    world.chain._acts.clear()
    for number in range(10):
        if world.chain.best != fork or not number:
            fork = world.chain.seal(fork.at + 1, parent=fork.hash, author=f"other {number}")
            world.chain._acts.clear()
    assert payer.heads()[1].hash != with_it
    assert payer.outcome(signed) == Pending()
    payer.send(signed)
    blocks(world, 5)
    assert isinstance(payer.outcome(signed), CarriedOut)
    assert payer.balances([TARGET], payer.final().hash) == {TARGET: UNIT}


def test_a_runtime_upgrade_between_two_blocks_costs_no_event(world, payer):
    first = paid(payer)
    world.notice(Upgraded(world.state.terms.spec + 1))
    world.seal()
    second = paid(payer, 2 * UNIT)
    blocks(world, 4)
    done = [payer.outcome(each) for each in (first, second)]
    assert all(isinstance(each, CarriedOut) for each in done)
    seen = [payer.transfers(each.block.hash, [TARGET])[0].amount for each in done]
    assert seen == [UNIT, 2 * UNIT]


def test_an_act_signed_before_an_upgrade_never_happens(world, payer):
    signed = payer.sign(Pay(TARGET, Tft(UNIT)))
    world.notice(Upgraded(world.state.terms.spec + 1))
    world.seal()
    payer.send(signed)
    blocks(world, 70)
    assert payer.outcome(signed) == Expired()


def test_a_number_that_another_program_uses_is_known(world, payer):
    with world.with_faults(stolen_numbers=1):
        signed = paid(payer)
    blocks(world, 4)
    assert payer.outcome(signed) == NumberUsed()
    assert payer.balances([TARGET], payer.final().hash) == {TARGET: 0}


def test_an_act_that_the_node_forgot_is_sent_again(world, payer):
    with world.with_faults(lost_acts=1):
        signed = paid(payer)
    blocks(world, 4)
    assert payer.outcome(signed) == Pending()
    payer.send(signed)
    blocks(world, 4)
    assert isinstance(payer.outcome(signed), CarriedOut)


def test_a_node_that_lies_about_its_genesis_says_so_and_gets_no_act_that_counts(world, payer):
    genesis = payer.genesis()
    with world.with_faults(genesis=b"\1" * 32):
        assert payer.genesis() != genesis
    liar = World()
    liar.faults.genesis = b"\1" * 32
    server = Server(liar)
    other = ThreefoldPayer("dev", server.url, Secret(liar.open()))
    signed = other.sign(Pay(TARGET, Tft(UNIT)))
    other.send(signed)
    assert other.outcome(signed) == Pending()
    assert liar.sent == []
    other.close()
    server.stop()


def test_a_node_that_lags_shows_an_older_head(world, payer):
    blocks(world, 5)
    final = payer.final().number
    with world.with_faults(unfinal=2):
        assert final - 2 <= payer.final().number < final  # another block may have come
    with world.with_faults(behind=6):
        assert payer.heads()[1].number < final
        assert payer.block(final) is None


def test_blocks_without_our_accounts_are_not_decoded(world, payer, monkeypatch):
    stranger = world.of_words(world.open())
    world.act(stranger, calls.TransferKeepAlive(b"\10" * 32, UNIT))
    best = payer.heads()[1].hash
    monkeypatch.setattr(SubstrateInterface, "query", lambda *_, **__: pytest.fail("decoded"))
    assert payer.transfers(best, [TARGET]) == []


def test_a_node_that_dies_in_between_is_unavailable_and_asked_anew(world, payer):
    with world.with_faults(silent=True), pytest.raises(Unavailable):
        payer.final()
    assert payer.final().number >= 0
