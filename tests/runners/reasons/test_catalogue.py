"""Reasons by code, as rows store them; every one has a sentence, and is given somewhere."""

import ast
import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners.models import VM, Pool
from runners.reasons import catalogue, waits
from tests.runners.reasons.samples import ALL
from tfci.core.reasons import Other, columns

SAMPLES = [
    *(sample for samples in ALL.values() for sample in samples),
    (Other("as an earlier version said it"), "as an earlier version said it"),
]

ROOT = Path(__file__).parents[3]
PRODUCT = ("tfci", "billing", "runners")
AGENT = "images/farmhand_agent"  # it reports how an engine ended by a code
CATALOGUES = {inspect.getsourcefile(reason) for reason in catalogue.REASONS.values()}


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


def test_every_reason_is_given_somewhere_in_the_product():
    named = {name for folder in PRODUCT for node in _nodes(ROOT / folder) for name in _names(node)}
    reported = {node.value for node in _nodes(ROOT / AGENT) if isinstance(node, ast.Constant)}
    assert [
        code
        for code, reason in catalogue.REASONS.items()
        if code not in reported and not named & {reason.__name__, f"{type(code).__name__}.{code.name}"}
    ] == []


def _nodes(folder: Path) -> Iterator[ast.AST]:
    """Of all source but the catalogue's own."""
    for path in folder.rglob("*.py"):
        if str(path) not in CATALOGUES and "migrations" not in path.parts:
            yield from ast.walk(ast.parse(path.read_text()))


def _names(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name):
            yield name
        case ast.Attribute(value=ast.Name(id=whose), attr=name):
            yield from (name, f"{whose}.{name}")
