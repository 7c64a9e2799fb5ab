"""Placing servers' VMs. Those of pools are placed by their plan: pools/test_reconcile.py."""

from datetime import timedelta

import pytest

from billing.models import Wallet
from runners.reasons.waits import GridRefused
from runners.servers import placement
from tests.builders import NOON, a_node, a_price, a_serving_vm, a_vm
from tfci.core.reasons import columns
from tfci.grid.reasons import GridFailed

pytestmark = pytest.mark.django_db


def test_each_wanted_vm_gets_a_node_and_a_quote():
    a_price()
    node, vm = a_node(), a_serving_vm(state="wanted")
    assert placement.place(vm.wallet_id, NOON) == {vm.pk}
    vm.refresh_from_db()
    assert (vm.node, vm.quote.node_id) == (node, node.node_id)


def test_those_of_pools_are_left_alone():
    a_price()
    a_node()
    assert placement.place(a_vm("wanted").wallet_id, NOON) == set()


def test_a_balance_that_does_not_cover_the_first_hour_starts_nothing_and_says_so():
    a_price()
    a_node()
    vm = a_serving_vm(state="wanted")
    Wallet.objects.update(balance=0)
    assert placement.place(vm.wallet_id, NOON) == set()
    vm.refresh_from_db()
    assert vm.reason == "balance"


def test_one_that_the_grid_refused_without_a_fault_of_the_node_waits_for_its_pause():
    a_price()
    a_node()
    later = NOON + timedelta(seconds=30)
    vm = a_serving_vm(state="wanted", retry_at=later, **columns(GridFailed("no funds"), "refusal"))
    assert placement.place(vm.wallet_id, NOON) == set()
    vm.refresh_from_db()
    assert vm.typed_reason == GridRefused("no funds", later.isoformat())
    assert placement.place(vm.wallet_id, later) == {vm.pk}
