"""Reasons of nodes: parts of a wait's sentence."""

import pytest

from runners.reasons import nodes
from runners.reasons.nodes import NodeCode, NodeReason


@pytest.mark.parametrize("code", NodeCode)
def test_every_reason_of_a_node_has_a_sentence(code):
    assert NodeReason.known[code].code == code
    assert str(nodes.read(code, 8)) and "{" not in str(nodes.read(code, 8))
