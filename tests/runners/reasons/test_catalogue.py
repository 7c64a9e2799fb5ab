"""Reasons by code, as rows store them; every one has a sentence."""

import json

import pytest

from runners.models import VM, Pool
from runners.reasons import catalogue, waits
from tests.runners.reasons.samples import ALL
from tfci.core.reasons import Other, columns

SAMPLES = [
    *(sample for samples in ALL.values() for sample in samples),
    (Other("as an earlier version said it"), "as an earlier version said it"),
]


def test_a_reason_is_found_by_its_code():
    assert catalogue.read("pool_maximum", {"max_vms": 3, "promised": 1}) == waits.PoolMaximum(3, 1)
    assert catalogue.read("no_prices", None) == waits.NoPrices()
    assert catalogue.read("other", {"text": "for a node"}) == Other("for a node")


def test_a_code_of_a_later_version_is_its_own_sentence():
    assert catalogue.read("comes_later", {"at": 3}) == Other("comes_later")


def test_a_code_means_one_thing_in_all_families():
    assert len(catalogue.REASONS) == 1 + sum(len(family.known) for family in catalogue.FAMILIES.values())


def test_a_row_states_a_reason_or_none():
    vm = VM()
    assert vm.typed_reason is None
    vm.set_reason(waits.PoolMaximum(3))
    assert (vm.reason, vm.reason_params) == ("pool_maximum", {"max_vms": 3, "promised": 0})
    assert vm.typed_reason == waits.PoolMaximum(3)
    vm.set_reason(None)
    assert VM().typed_reason is None
    assert Pool().typed_reason is None


def test_every_reason_has_a_sample():
    assert ALL.keys() == catalogue.FAMILIES.keys()
    assert {reason.code for reason, _ in SAMPLES} == catalogue.REASONS.keys()


@pytest.mark.parametrize(("reason", "sentence"), SAMPLES)
def test_a_reason_is_read_back_as_it_was_stored_and_says_the_same(reason, sentence):
    stored = json.loads(json.dumps(columns(reason)))
    again = catalogue.read(stored["reason"], stored["reason_params"])
    assert (again, str(again)) == (reason, sentence)
    assert len(reason.code) <= 40


@pytest.mark.parametrize("family", catalogue.FAMILIES.values())
def test_every_code_of_a_family_has_a_reason(family):
    codes = {code for reason in family.known.values() for code in type(reason.code)}
    assert codes == family.known.keys()
