"""Tests of one group run in one process of pytest, which starts what they share once."""

import os

import pytest


@pytest.mark.xdist_group("kept together")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="in one process they are together anyway")
def test_a_test_carries_its_group_in_its_name_by_which_it_is_sent(request):
    assert request.node.nodeid.endswith("@kept together")
