"""Reasons of waits: every code has one, is read back as it was stored, and ends in a sentence."""

import json

import pytest

from runners.reasons import nodes, waits
from runners.reasons.nodes import NodeCode, NodeReason
from runners.reasons.waits import WaitCode, WaitReason

OUT = ((NodeCode.DOWN, 0, 2), (NodeCode.MEMORY_IN_USE, 8, 1))
SAMPLES = [
    (waits.PoolMaximum(1), "the pool has its maximum of 1 VM"),
    (waits.PoolMaximum(3, 1), "the pool has its maximum of 3 VMs, 1 of them promised to older jobs"),
    (
        waits.Balance(20_000_000, 5_000_000, 10_000_000),
        "the balance must cover an hour of everything that runs: 0.5000000 TFT are missing for another VM at "
        "2.0000000 TFT/h; 1.0000000 TFT are promised to older jobs",
    ),
    (
        waits.TeamVms(2, 1),
        "another VM of the team must end first: the operator’s limit for the team is 2 VMs, 1 of them promised to "
        "older jobs",
    ),
    (
        waits.TeamPrice(110_000_000, 0, 100_000_000),
        "its VM costs 11.0000000 TFT/h, and the operator’s limit for the team is 10.0000000 TFT/h",
    ),
    (
        waits.TeamPrice(20_000_000, 90_000_000, 100_000_000),
        "another VM of the team must end first: its VMs cost 9.0000000 TFT/h, this one 2.0000000 TFT/h more, and the "
        "operator’s limit for the team is 10.0000000 TFT/h",
    ),
    (
        waits.NoNodeNow(3, OUT, "2026-11-30T12:02:00+00:00"),
        "no node of the 3 chosen can take it: 2 down; 1 less than 8 GB of memory free; the next is tried at 12:02 UTC",
    ),
    (
        waits.GridRefused("no funds", "2026-11-30T12:02:00+00:00"),
        "the grid refused its VM, and is asked again at 12:02 UTC: no funds",
    ),
    (waits.NextDecision(100), "Farmhand starts at most 100 VMs of a team at once; it is among the next"),
    (waits.JobsFirst(), "jobs of the team wait for what it would take, and come before what is kept ready"),
    (
        waits.ReadyBalance(20_000_000, 5_000_000),
        "a VM is kept ready only where the balance covers two hours of it: 0.5000000 TFT are missing for one at "
        "2.0000000 TFT/h",
    ),
    (waits.NoPrices(), "the grid's prices have not been read yet"),
    (waits.NoNodesRead(), "the grid's nodes have not been read yet"),
    (waits.NoAccount(), "the operator has not opened an account on the grid yet"),
    (
        waits.TooDear(39_000_000, 30_000_000),
        "the cheapest node that fits costs 3.9 TFT/h; the pool's limit is 3",
    ),
    (
        waits.NoNodeFits(2, ((NodeCode.TOO_FEW_CPUS, 64, 2),)),
        "no node of the 2 chosen can ever take it: 2 fewer than 64 processors",
    ),
    (waits.NoNodeChosen(), "the pool's choice names no node of this grid"),
]


def test_every_code_has_a_reason_and_a_sample():
    assert WaitReason.known.keys() == set(WaitCode) == {reason.code for reason, _ in SAMPLES}


@pytest.mark.parametrize(("reason", "sentence"), SAMPLES)
def test_a_reason_is_read_back_as_it_was_stored_and_says_the_same(reason, sentence):
    again = WaitReason.known[reason.code].read(json.loads(json.dumps(reason.params)))
    assert again == reason and str(again) == sentence


@pytest.mark.parametrize("code", NodeCode)
def test_every_reason_of_a_node_has_a_sentence(code):
    assert NodeReason.known[code].code == code
    assert str(nodes.read(code, 8)) and "{" not in str(nodes.read(code, 8))
