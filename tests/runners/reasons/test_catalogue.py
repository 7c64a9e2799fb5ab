"""Reasons by code, as rows store them."""

from runners.models import VM, Pool
from runners.reasons import catalogue, waits
from tfci.core.reasons import Other


def test_a_reason_is_found_by_its_code():
    assert catalogue.read("pool_maximum", {"max_vms": 3, "promised": 1}) == waits.PoolMaximum(3, 1)
    assert catalogue.read("no_prices", None) == waits.NoPrices()
    assert catalogue.read("other", {"text": "for a node"}) == Other("for a node")


def test_a_code_of_a_later_version_is_its_own_sentence():
    assert catalogue.read("comes_later", {"at": 3}) == Other("comes_later")


def test_a_code_means_one_thing_in_all_families():
    assert len(catalogue.REASONS) == 1 + sum(len(family.known) for family in catalogue.FAMILIES.values())


def test_a_row_states_a_reason_or_the_sentence_of_before():
    vm = VM(why="for a node")
    assert vm.typed_reason == Other("for a node")
    vm.set_reason(waits.PoolMaximum(3))
    assert (vm.reason, vm.reason_params) == ("pool_maximum", {"max_vms": 3, "promised": 0})
    assert vm.typed_reason == waits.PoolMaximum(3)
    vm.set_reason(None)
    assert VM().typed_reason is None
    assert Pool(decision="ordered 1").typed_reason == Other("ordered 1")
