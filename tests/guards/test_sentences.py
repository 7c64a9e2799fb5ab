"""Decisions use codes: nothing of ours compares, searches, takes apart or groups by a sentence for people."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [path for top in ("tfci", "billing", "runners") for path in sorted((ROOT / top).rglob("*.py"))]
OUTSIDE = (  # modules that know the words of forges, grids, engines and OpenSSL
    "tfci/forges/actions/",
    "tfci/forges/forgejo/",
    "tfci/forges/gitea/",
    "tfci/forges/github/",
    "tfci/forges/woodpecker/",
    "tfci/grid/drivers/",
    "tfci/management/",
    "tfci/accounts/ssh_keys.py",
    "tfci/forges/authority.py",
)
SENTENCES = {
    "why",
    "retire_why",
    "trouble",
    "decision",
    "sentence",
    "done_said",
    "end_message",
}
APART = {"startswith", "endswith", "partition", "rpartition", "split", "removeprefix", "find", "index"}
GROUPS = {"values", "values_list", "order_by", "distinct", "Max", "Min", "Count"}
LOOKUPS = {"filter", "exclude", "get", "Q", "When"}
WORDS = re.compile(r"[A-Za-z’']+ [A-Za-z’']+")  # a literal that is more than one word


def findings(source: str) -> list[int]:
    """The lines that treat a sentence as data."""
    return sorted({node.lineno for node in ast.walk(ast.parse(source)) if _wrong(node)})


def _wrong(node: ast.AST) -> bool:
    match node:
        case ast.Compare():
            sides = [node.left, *node.comparators]
            return any(map(_phrase, sides)) or (any(map(_sentence, sides)) and not any(map(_nothing, sides)))
        case ast.Call(func=ast.Attribute(value=whose, attr=method)) if method in APART:
            return _sentence(whose) or any(map(_phrase, node.args))
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in GROUPS:
            read = any(keyword.arg == "flat" for keyword in node.keywords)
            return not read and any(
                isinstance(arg, ast.Constant) and arg.value in SENTENCES for arg in node.args
            )
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in LOOKUPS:
            return any(_looked_up(keyword) for keyword in node.keywords)
        case ast.MatchValue(value=value):
            return _phrase(value)
    return False


def _looked_up(keyword: ast.keyword) -> bool:
    column = (keyword.arg or "").partition("__")[0]
    return column in SENTENCES and not _nothing(keyword.value)


def _sentence(node: ast.AST) -> bool:
    """A column or a variable with one, or a reason that was made one."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in SENTENCES
        case ast.Call(func=ast.Name(id="str"), args=[ast.Attribute(attr=name) | ast.Name(id=name)]):
            return name.endswith("reason")
    return False


def _phrase(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(WORDS.search(node.value))


def _nothing(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value in ("", None)


def _watched() -> Iterator[str]:
    for path in FILES:
        name = str(path.relative_to(ROOT))
        if "/migrations/" not in name and not name.startswith(OUTSIDE):
            yield name


@pytest.mark.parametrize("name", list(_watched()))
def test_no_module_decides_by_a_sentence(name):
    assert [f"{name}:{line}" for line in findings((ROOT / name).read_text())] == []


@pytest.mark.parametrize(
    "source",
    [
        'vm.why.startswith("bound to")',
        'why.partition(": ")',
        'reason == "its VM failed"',
        '"no node" in vm.why',
        "job.why == before.why",
        "job.why in SEEN",
        "str(reason) == other",
        'jobs.values_list("state", "why")',
        'Max("why")',
        'jobs.filter(why="deleted")',
        'Q(trouble__icontains="token")',
        'Job.objects.values("why")',
        'match said:\n    case "kept after all":\n        pass',
    ],
)
def test_what_decides_by_a_sentence_is_found(source):
    assert findings(source)


@pytest.mark.parametrize(
    "source",
    [
        'vm.why == ""',
        'jobs.exclude(trouble="")',
        'job.reason == "no_pool"',
        'jobs.values_list("reason", "reason_params")',
        'name.startswith("fh_")',
        'f"{why}: {said}"',
        'twins.values_list("trouble", flat=True).first()',
    ],
)
def test_codes_and_emptiness_may_be_asked_for(source):
    assert not findings(source)
