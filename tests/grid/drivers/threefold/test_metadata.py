"""The counterpart's runtime beside the real one's. FARMHAND_TFCHAIN_METADATA names the file with a node's answer to
`state_getMetadata` (packages/tfchain_client/chainMeta.json of threefoldtech/tfgrid-sdk-ts); it is not kept here."""

import json
import os
from dataclasses import is_dataclass
from pathlib import Path

import pytest
from scalecodec.base import RuntimeConfigurationObject, ScaleBytes
from scalecodec.type_registry import load_type_registry_preset

from practice.chain import calls, events
from practice.chain.contract import Contract, Grace, Payment
from practice.chain.errors import DispatchError
from practice.chain.notices import Resources
from practice.chain.prices import Discount
from tests.counterparts.threefold import wire
from tests.counterparts.threefold.metadata import runtime
from tests.counterparts.threefold.pallets import PALLETS
from tests.counterparts.threefold.runtime import EXTENSIONS

FILE = os.environ.get("FARMHAND_TFCHAIN_METADATA", "")
WHO, TO = b"\1" * 32, b"\2" * 32
NONE = Contract(5, 7, 1, b"a" * 32, '{"name": "vm1"}', 0, Payment(0))
CALLS = [
    calls.RemarkWithEvent(b"hello"),
    calls.Transfer(TO, 5),
    calls.TransferAllowDeath(TO, 5),
    calls.TransferKeepAlive(TO, 2**70),
    calls.TransferAll(TO, keep_alive=True),
    calls.UserAcceptTc("https://example.org/terms", "abc"),
    calls.CreateTwin(),
    calls.CreateTwin("relay.grid.tf", b"key"),
    calls.BondTwinAccount(7),
    calls.CreateNodeContract(3, b"a" * 32, '{"name": "vm1"}'),
    calls.CancelContract(2**40),
    calls.BillContractForBlock(9),
    calls.SwapToStellar(b"G" + b"A" * 55, 12),
    calls.AsDerivative(65_535, calls.TransferKeepAlive(TO, 5)),
    *(
        batch((calls.CancelContract(1), calls.CancelContract(2)))
        for batch in (calls.Batch, calls.BatchAll, calls.ForceBatch)
    ),
]
FAILED = DispatchError("SmartContractModule", "ContractNotExists")
EVENTS = [
    events.ExtrinsicSuccess(),
    *(events.ExtrinsicFailed(DispatchError(n, e)) for n, p in PALLETS.items() for e in p.errors),
    *(
        events.ExtrinsicFailed(DispatchError("Token", e))
        for e in ("FundsUnavailable", "BelowMinimum", "NotExpendable")
    ),
    events.CodeUpdated(),
    events.NewAccount(WHO),
    events.KilledAccount(WHO),
    events.Remarked(WHO, b"\3" * 32),
    events.Endowed(WHO, 5),
    events.DustLost(WHO, 5),
    events.Transfer(WHO, TO, 2**70),
    events.Reserved(WHO, 5),
    events.ReserveRepatriated(WHO, TO, 5),
    events.Slashed(WHO, 5),
    events.Deposit(WHO, 5),
    events.Withdraw(WHO, 5),
    events.TransactionFeePaid(WHO, 5, 0),
    events.BatchInterrupted(1, FAILED),
    events.BatchCompleted(),
    events.BatchCompletedWithErrors(),
    events.ItemCompleted(),
    events.ItemFailed(FAILED),
    events.TwinStored(7, WHO, "relay.grid.tf", None),
    events.TwinAccountBounded(7, WHO),
    events.ContractCreated(NONE),
    events.ContractCreated(Contract(5, 7, 1, b"a" * 32, "{}", 0, Payment(0), Grace(3, 4))),
    events.UpdatedUsedResources(5, Resources(1, 2, 3)),
    events.NodeContractCanceled(5, 1, 7),
    *(events.ContractBilled(5, 10, level, 11) for level in Discount),
    events.ContractPaymentOverdrawn(5, 10, 3, 4),
    events.ContractGracePeriodStarted(5, 1, 7, 10),
    events.ContractGracePeriodEnded(5, 1, 7),
    events.ContractGracePeriodElapsed(5, 10),
    events.RewardDistributed(5, 10, 0),
    events.MintCompleted(b"tx", WHO, 5, 10),
    events.BurnTransactionCreated(1, WHO, b"G" + b"A" * 55, 5),
]


class Real:
    """The codec of the real runtime."""

    def __init__(self):
        self.codec = RuntimeConfigurationObject(implements_scale_info=True)
        self.codec.update_type_registry(load_type_registry_preset("core"))
        data = ScaleBytes(json.loads(Path(FILE).read_text())["result"])
        self.metadata = self.codec.create_scale_object("MetadataVersioned", data=data)
        self.metadata.decode()
        self.codec.add_portable_registry(self.metadata)
        types = self.metadata.value[1]["V14"]["types"]["types"]
        self._event = next(kind["id"] for kind in types if kind["type"]["path"][-1:] == ["RuntimeEvent"])

    @property
    def pallets(self):
        return {pallet["name"]: pallet for pallet in self.metadata.value[1]["V14"]["pallets"]}

    def call(self, value):
        made = self.codec.create_scale_object("Call", metadata=self.metadata)
        return bytes(made.encode(value).data)

    def event(self, data):
        """What a client reads; all of it is used up."""
        kind = f"scale_info::{self._event}"
        event = self.codec.create_scale_object(kind, data=ScaleBytes(data), metadata=self.metadata)
        return event.decode(check_remaining=True)


@pytest.fixture(scope="module")
def real():
    if not FILE:
        pytest.skip("FARMHAND_TFCHAIN_METADATA names no file")
    return Real()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.function)
def test_a_call_has_the_real_ones_bytes(real, call):
    ours = runtime().codec.create_scale_object("Call", metadata=runtime().metadata)
    coded = bytes(ours.encode(wire.call_told(call)).data)
    assert coded == real.call(wire.call_told(call))
    decoded = runtime().decoded("Call", coded, metadata=runtime().metadata)
    assert wire.call_read(decoded.value) == call


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_read_by_the_real_ones_shapes(real, event):
    told = real.event(wire.event_told(runtime(), event))
    assert (told["module_id"], told["event_id"]) == (event.pallet, type(event).__name__)
    ours = runtime().decoded(
        f"scale_info::{runtime().numbers['RuntimeEvent']}",
        wire.event_told(runtime(), event),
        metadata=runtime().metadata,
    )
    assert told["attributes"] == ours.value["attributes"]


def test_every_event_of_the_model_was_tried():
    there = [kind for kind in vars(events).values() if isinstance(kind, type) and is_dataclass(kind)]
    assert {type(event) for event in EVENTS} == {kind for kind in there if issubclass(kind, events.Event)}
    assert {type(call) for call in CALLS} == set(calls.CALLS)


def test_pallets_have_the_real_numbers(real):
    ours = {name: pallet.index for name, pallet in PALLETS.items()}
    assert {name: real.pallets[name]["index"] for name in ours} == ours


def test_what_is_signed_is_what_the_real_one_signs(real):
    told = real.metadata.value[1]["V14"]["extrinsic"]["signed_extensions"]
    assert [extension["identifier"] for extension in told] == list(EXTENSIONS)
    assert real.metadata.get_signed_extensions().keys() == runtime().metadata.get_signed_extensions().keys()


def test_storage_stands_where_the_real_one_has_it(real):
    for name, pallet in PALLETS.items():
        there = {
            entry["name"]: entry for entry in (real.pallets[name]["storage"] or {"entries": []})["entries"]
        }
        for item, (key, *_) in pallet.storage.items():
            assert list(there[item]["type"]) == ["Map" if key else "Plain"], item
            assert not key or there[item]["type"]["Map"]["hashers"] == ["Blake2_128Concat"]
