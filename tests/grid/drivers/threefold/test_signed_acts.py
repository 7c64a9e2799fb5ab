"""Every act of ours dies after 64 blocks, and until then nothing is signed anew in its place."""

import pytest

from practice.chain.calls import CreateNodeContract
from practice.chain.notices import DispatchedAs, Upgraded
from tests.counterparts.threefold.server import Server
from tests.counterparts.threefold.world import World
from tfci.core.secret import Secret
from tfci.grid.drivers.threefold import chain, signed_acts
from tfci.grid.drivers.threefold.chain import ChainNode
from tfci.grid.ports import Unavailable


@pytest.fixture
def world():
    return World()


@pytest.fixture
def server(world):
    made = Server(world)
    yield made
    made.stop()


@pytest.fixture
def node(world, server, monkeypatch):
    monkeypatch.setattr(chain, "INCLUDED", 0.2)
    monkeypatch.setattr(chain, "POLL", 0.05)
    made = ChainNode([f"ws{server.url.removeprefix('http')}/ws"], Secret(world.open()))
    yield made
    made.close()


def bytes_sent(world):
    """How many different acts came."""
    return len({act.digest for act in world.sent})


def test_an_act_counts_64_blocks_from_the_finalized_head(world, node):
    world.lag = 3
    for _ in range(5):
        world.seal()
    before = world.chain.final.number
    node.cancel([5])
    (act,) = world.sent
    born = act.era.birth(world.chain.best.number)
    assert act.era.period == 64 == signed_acts.ERA
    assert before <= born <= world.chain.final.number < world.chain.best.number - 2
    assert act.checkpoint == world.chain.hash_at(born)
    (known,) = signed_acts.unsettled[node.account]
    assert known.dies_at == born + 64


def test_an_act_that_a_node_forgot_is_sent_again_as_it_was(world, node):
    with world.with_faults(lost_acts=1), pytest.raises(Unavailable, match="no notice"):
        node.cancel([5])
    node.cancel([5])
    assert (len(world.sent), bytes_sent(world)) == (2, 1)


def test_an_act_whose_answer_was_lost_is_not_signed_anew(world, node):
    world.lag = 4
    deployment = CreateNodeContract(1, b"1" * 32, '{"name": "ours"}')
    world.notice(DispatchedAs(node.account, deployment))
    number = world.state.last_contract
    with world.with_faults(hush=True), pytest.raises(Unavailable):
        node.cancel([number])
    assert number not in world.state.contracts
    assert node.cancel([number]).left == ()
    assert bytes_sent(world) == 1


def test_another_act_waits_for_no_old_one_and_takes_the_next_number(world, node):
    with world.with_faults(lost_acts=1), pytest.raises(Unavailable):
        node.cancel([5])
    node.cancel([6])
    assert [act.nonce for act in world.sent] == [0, 0, 1]
    assert bytes_sent(world) == 2


def test_what_is_in_a_block_that_is_not_final_is_not_signed_anew(world, node):
    world.lag = 4
    node.cancel([5])
    node.cancel([5])
    assert (len(world.sent), bytes_sent(world)) == (1, 1)


def test_after_its_era_an_act_is_signed_anew_and_the_old_bytes_are_worth_nothing(world, node):
    with world.with_faults(lost_acts=1), pytest.raises(Unavailable):
        node.cancel([5])
    (old,) = world.sent
    for _ in range(64):
        world.seal()
    node.cancel([5])
    assert bytes_sent(world) == 2
    account = world.chain.state.account(node.account)
    assert account.nonce == 1
    with pytest.raises(Exception, match="bad signature"):
        world.submit(old)


def test_a_fork_brings_an_act_back_and_it_is_done_once(world, node):
    world.lag = 8
    fork = world.chain.best
    node.cancel([5])
    for _ in range(5):
        fork = world.chain.seal(world.chain.best.at, parent=fork.hash, author="other")
        if world.chain.best == fork:  # a next one would have the act
            break
    assert world.chain.waits()
    world.seal()
    node.cancel([5])
    assert world.chain.state.account(node.account).nonce == 1


def test_a_node_that_lies_about_its_genesis_gets_no_act_that_counts(world, node):
    with world.with_faults(genesis=b"\1" * 32), pytest.raises(Unavailable, match="bad signature"):
        node.cancel([5])
    assert world.sent == []
    assert world.chain.state.account(node.account).nonce == 0


def test_a_node_that_lags_shows_an_act_late_and_gets_no_other(world, node):
    world.lag = 4
    for _ in range(10):
        world.seal()
    with world.with_faults(behind=5), pytest.raises(Unavailable, match="no notice"):
        node.cancel([5])
    assert world.chain.state.account(node.account).nonce == 1
    node.cancel([5])
    assert bytes_sent(world) == 1


def test_a_node_whose_finality_goes_back_makes_nothing_be_signed_anew(world, node):
    node.cancel([5])
    with world.with_faults(unfinal=3):
        node.cancel([5])
    assert bytes_sent(world) == 1


def test_a_runtime_upgrade_between_two_acts_costs_nothing(world, node):
    node.cancel([5])
    world.notice(Upgraded(world.state.terms.spec + 1))
    world.seal()
    node.cancel([6])
    assert world.chain.state.account(node.account).nonce == 2
