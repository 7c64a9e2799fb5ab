"""Our own record of a node: what each failure costs it, and what forgives it."""

from datetime import timedelta

import pytest

from tests.builders import NOON, a_node
from tfci.grid import nodes
from tfci.grid.reasons import GridSilent

pytestmark = pytest.mark.django_db


def failed(node, at):
    nodes.record_failure(node.pk, GridSilent("no answer"), at)
    node.refresh_from_db()
    return (node.blocked_until - NOON) // timedelta(minutes=1)


def test_it_is_set_aside_twice_as_long_with_each_failure_in_a_row():
    node = a_node()
    assert failed(node, NOON) == 2
    assert failed(node, NOON + timedelta(minutes=2)) == 2 + 4
    nodes.record_success(node.pk, deploy_ms=900)
    assert failed(node, NOON + timedelta(minutes=10)) == 10 + 2


def test_many_vms_that_fail_at_once_are_one_failure_in_the_row():
    node = a_node()
    assert [failed(node, NOON + timedelta(seconds=n)) for n in range(10)] == [2] * 10
    assert (node.failures, node.failures_in_a_row) == (10, 1)
