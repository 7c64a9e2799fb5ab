"""Tests replace the outside, never a function of ours: forges, grids, the broker, the clock and the database have
fakes, and what a setting decides is set. The few that stay have their reason here."""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
FILES = [path.relative_to(TESTS).as_posix() for path in sorted(TESTS.rglob("test_*.py"))]
OURS = ("tfci", "billing", "runners", "practice")
DOOR = "GATEWAYS"  # where a world of fakes goes in
STAYS = {
    "runners/web/test_webhooks.py": ["notify"],  # a thread of its own would outlive the test
    "runners/live/test_events.py": [
        "change_feed",
        "read",
    ],  # of one process; read by a thread with its own connection
    "runners/pools/test_planner_model.py": [
        "_clear_a_node",
        "_vms_to_retire",
    ],  # a planner that is wrong on purpose
    "forges/test_admission.py": ["permits"],  # a whole process's, which has none left
    "management/up/test_grid.py": ["folder"],  # images are gigabytes
    "practice/forge/test_postman.py": ["_next"],  # how often it looks
    "practice/grid/vms/test_host.py": ["_memory"],  # of this computer
    "practice/grid/vms/test_accel.py": ["_kvm_available"],  # of this computer's processor
    "practice/grid/vms/test_kind.py": ["newest"],  # images are gigabytes
}


@pytest.mark.parametrize("name", FILES)
def test_no_function_of_ours_is_replaced(name):
    tree = ast.parse((TESTS / name).read_text())
    assert sorted(set(_replaced(tree))) == STAYS.get(name, [])


@pytest.mark.parametrize(
    "call",
    [
        'monkeypatch.setattr(polling, "due", list)',
        'patch.setattr(polling.registry, "kind", None)',
        'monkeypatch.setattr("runners.connections.polling.due", list)',
    ],
)
def test_a_function_that_is_replaced_is_found(call):
    assert list(_replaced(ast.parse(f"from runners.connections import polling\n{call}")))


@pytest.mark.parametrize(
    "call",
    [
        'monkeypatch.setattr(polling, "OFTEN", 1)',
        'monkeypatch.setattr("runners.gateways.GATEWAYS", world)',
        'monkeypatch.setattr("celery.app.base.Celery.send_task", print)',
        'monkeypatch.setattr(forge, "rerun", print)',
    ],
)
def test_constants_fakes_and_others_may_be(call):
    assert not list(_replaced(ast.parse(f"from runners.connections import polling\n{call}")))


def _replaced(tree: ast.Module) -> Iterator[str]:
    """The names of ours that the file replaces, but for constants."""
    known = dict(_imports(tree))
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="setattr"), args=[target, ast.Constant(value=str(name)), _]
            ):
                whose = _object(target, known)
            case ast.Call(func=ast.Attribute(attr="setattr"), args=[ast.Constant(value=str(path)), _]):
                module, _, name = path.rpartition(".")
                whose = importlib.import_module(module) if module.startswith(OURS) else None
            case _:
                continue
        if name != DOOR and _is_ours(getattr(whose, name, None)):
            yield name


def _imports(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    """Modules and objects of ours by the name that the file gives them."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(OURS):
            module = importlib.import_module(node.module)
            for each in node.names:
                found = getattr(module, each.name, None)
                yield (
                    each.asname or each.name,
                    found or importlib.import_module(f"{node.module}.{each.name}"),
                )


def _object(target: ast.expr, known: dict[str, Any]) -> Any:
    match target:
        case ast.Name(id=name):
            return known.get(name)
        case ast.Attribute(value=inner, attr=name):
            return getattr(_object(inner, known), name, None)
    return None


def _is_ours(value: Any) -> bool:
    return str(getattr(value, "__module__", type(value).__module__)).startswith(OURS)
