"""The counterpart of the chain as our library reads it: events, fees, heads, forks, old states."""

import pytest
from scalecodec.utils.ss58 import ss58_encode
from substrateinterface import SubstrateInterface
from substrateinterface.exceptions import SubstrateRequestException

from practice.chain import calls
from practice.chain.notices import FeeSet, Minted
from practice.chain.state import TFT
from practice.chain.tree import KEPT
from tests.counterparts.threefold.server import Server
from tests.counterparts.threefold.world import World

TO = b"\7" * 32


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def node(world):
    server = Server(world)
    url = f"ws{server.url.removeprefix('http')}/ws"
    made = SubstrateInterface(url, ss58_format=42, auto_discover=False)
    yield made
    made.close()
    server.stop()


@pytest.fixture
def person(world):
    return world.of_words(world.open())


def shown(block):
    return f"0x{block.hash.hex()}"


def told(node, block):
    """(pallet, event, values) of each event of a block."""
    events = node.get_events(shown(block))
    return [(e.value["module_id"], e.value["event_id"], e.value["attributes"]) for e in events]


def test_a_transfer_is_read_from_the_events_of_its_block(world, node, person):
    world.act(person, calls.TransferKeepAlive(TO, 3 * TFT))
    found = [values for *name, values in told(node, world.chain.best) if name == ["Balances", "Transfer"]]
    assert found == [{"from": person.key.ss58_address, "to": ss58_encode(TO, 42), "amount": 3 * TFT}]


def test_a_mint_is_a_deposit_and_names_its_payment(world, node, person):
    world.notice(Minted(b"stellar-1", person.address, 5 * TFT))
    names = [name for _, name, _ in told(node, world.chain.best)]
    assert names[:1] == ["Deposit"] and "MintCompleted" in names


def test_an_earlier_block_tells_what_it_told(world, node, person):
    world.act(person, calls.TransferKeepAlive(TO, TFT))
    block = world.chain.best
    before = told(node, block)
    world.seal()
    assert told(node, block) == before
    assert told(node, world.chain.best) == []


def test_a_fee_is_asked_for_and_is_what_is_paid(world, node, person):
    call = node.compose_call("Balances", "transfer_keep_alive", {"dest": f"0x{TO.hex()}", "value": TFT})
    asked = node.get_payment_info(call, person.key)["partialFee"]
    world.notice(FeeSet(200))
    dearer = node.get_payment_info(call, person.key)["partialFee"]
    world.notice(FeeSet(100))
    free = world.account(person).free
    node.submit_extrinsic(node.create_signed_extrinsic(call, person.key, era={"period": 64}))
    paid = free - world.account(person).free - TFT
    assert (asked + 1, dearer) == (paid, 2 * asked)  # it is asked for an immortal act, a byte shorter


def test_the_finalized_head_follows_the_best(world, node):
    world.lag = 3
    for _ in range(5):
        world.seal()
    best, final = node.get_chain_head(), node.get_chain_finalised_head()
    assert node.get_block_number(best) - node.get_block_number(final) == 3
    with world.with_faults(unfinal=2):
        assert node.get_block_number(node.get_chain_finalised_head()) == node.get_block_number(final) - 2
    world.lag = 0
    world.seal()


def test_a_block_that_is_replaced_has_another_hash(world, node):
    world.lag = 10
    fork = world.chain.best
    lost = world.chain.seal(fork.at + 1)
    assert node.get_block_hash(lost.number) == shown(lost)
    for _ in range(2):
        fork = world.chain.seal(fork.at + 1, parent=fork.hash, author="other")
    assert node.get_block_hash(lost.number) != shown(lost)
    world.lag = 0
    world.seal()


def test_a_state_of_long_ago_is_discarded(world, node):
    old = world.chain.best
    for _ in range(KEPT + 1):
        world.seal()
    assert node.get_block_hash(old.number) == shown(old)
    with pytest.raises(SubstrateRequestException, match="State already discarded"):
        node.rpc_request("state_getStorageAt", ["0x00", shown(old)])


def test_a_lying_node_tells_of_another_genesis(world, node):
    with world.with_faults(genesis=b"\1" * 32):
        assert node.get_block_hash(0) == "0x" + "01" * 32
    assert node.get_block_hash(0) == shown(world.chain.genesis)
