"""One word for one thing: names and texts keep to docs/design/glossary.md."""

import ast
import re
import subprocess
import tokenize
from collections import defaultdict
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs/design/glossary.md").read_text()
PRODUCT = ("tfci", "billing", "runners")
# The practice grid's own word, in its protocol; and what images and their tests are called by make and by a folder.
OTHERS = ("tfci/grid/drivers/simulated.py", "tfci/management/")
MODULES = {
    *(
        "beats",
        "bell",
        "hints",
        "looking",
        "listening",
        "news",
        "world",
        "outside",
        "legs",
        "causes",
        "remedies",
    ),
    *(
        "hearing",
        "offers",
        "allotting",
        "again",
        "acts",
        "losses",
        "forgetting",
        "refreshes",
        "loads",
        "pressures",
    ),
    *(
        "stints",
        "rehearsals",
        "robots",
        "moving",
        "starting",
        "closing",
        "sweep",
        "intake",
        "inbox",
        "deeds",
        "shell",
    ),
    *("pulse", "steady", "sheet", "kept", "prepared", "signs", "verdicts", "machines", "orgs"),
    *("act", "ask", "decide", "hear", "walk", "purse", "mischief"),
}
NAMES = {
    *(
        "LinkedOrg",
        "World",
        "Stint",
        "stint",
        "stints",
        "org",
        "orgs",
        "machine",
        "machines",
        "bell",
        "hasten",
        "stir",
    ),
    *("told_at", "beat_at", "forgotten_at", "state_at", "stirred_at", "polled_at", "swept_at", "unlinked_at"),
    *("unlinking_at", "heard_at", "heard_by"),
}
# Words that say too little: answer, payload, event, values, errors and the like say what it is.
VAGUE = {
    *("said", "told", "heard", "hear", "hears", "asked", "untold", "deed", "deeds", "wish", "wishes", "Wish"),
    *("wrong", "wrongs", "Wrong", "mischief", "purse", "stands_for", "whose", "afresh", "hindrance"),
    *("SAID", "TOLD", "MOST", "LEAST", "_said", "_told", "_heard", "_asked", "take_in", "at_home", "abroad"),
}
LOCAL = {("runners/web/views/connections/start.py", "heard_at")}
STORED = {  # columns, parameters of stored reasons, and fields of the API, of agents and of forges
    ("tfci/forges/models/tally.py", "said"),
    ("runners/connections/health.py", "said"),
    ("tfci/forges/models/delivery.py", "told"),
    ("tfci/forges/webhook_inbox.py", "told"),
    ("tfci/forges/problems.py", "said"),
    ("tfci/grid/reasons.py", "said"),
    ("runners/reasons/deliveries.py", "said"),
    ("runners/reasons/refusals.py", "said"),
    ("runners/reasons/waits.py", "said"),
    ("runners/reasons/labels.py", "asked"),
    ("runners/agents/schemas.py", "said"),
    ("runners/web/api/pool_calls/tfrobot.py", "said"),
    ("runners/pools/tfrobot/reader.py", "said"),
    ("tfci/forges/woodpecker/schemas.py", "said"),
}
# Django finds these by their name, or they are nested in the row whose state or kind they are.
NOT_ONE_CLASS = {"Command", "Config", "Kind", "Meta", "Migration", "State"}
MACHINE = re.compile(r"(?i)(?<!virtual )(?<!linux )(?<![\w/.-])machines?\b(?![\w/-])")


def sources(*suffixes, others=OTHERS, folders=(*PRODUCT, "templates")):
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True)
    return [
        path
        for path in listed.stdout.split()
        if path.endswith(suffixes) and "/migrations/" not in path and not path.startswith(others)
    ]


def test_no_module_has_a_name_of_before():
    assert {path for path in sources(".py") if Path(path).stem in MODULES} == set()


def names_in(path):
    with tokenize.open(ROOT / path) as source:
        return {
            token.string for token in tokenize.generate_tokens(source.readline) if token.type == tokenize.NAME
        }


def test_no_name_is_one_of_before():
    found = set()
    for path in sources(".py"):
        if path.startswith(("tfci/forges/gitea", "tfci/forges/github/", "tfci/forges/woodpecker")):
            continue  # the forges' own words
        found |= {(path, name) for name in names_in(path) & NAMES}
    assert found - LOCAL == set()


def test_no_name_is_vague():
    paths = sources(".py", others=(), folders=(*PRODUCT, "practice", "images"))
    assert {(path, name) for path in paths for name in names_in(path) & VAGUE} == STORED


def test_a_class_name_is_used_once():
    found = defaultdict(list)
    for path in sources(".py", others=()):
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.ClassDef) and node.name not in NOT_ONE_CLASS:
                found[node.name].append(f"{path}:{node.lineno}")
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_a_kind_or_state_is_nested_in_its_row():
    for path in sources(".py", others=()):
        body = ast.parse((ROOT / path).read_text()).body
        assert not NOT_ONE_CLASS & {node.name for node in body if isinstance(node, ast.ClassDef)} - {
            "Command"
        }, path


@pytest.mark.parametrize("path", sources(".html", ".txt"))
def test_a_page_calls_a_vm_a_vm(path):
    assert MACHINE.findall((ROOT / path).read_text()) == []


@pytest.mark.parametrize("label", ["accounts", "forges", "grid", "billing", "runners"])
def test_a_row_that_the_design_speaks_of_is_in_the_glossary(label):
    """Each word of the glossary that is a class is a row that there is."""
    models = {model.__name__ for model in apps.get_models()}
    words = {
        word
        for cell in re.findall(r"^\| ([^|]+) \|", GLOSSARY, re.M)
        for word in re.findall(r"[A-Z]\w+", cell)
    }
    rows = {model.__name__ for model in apps.get_app_config(label).get_models()}
    assert rows & words
    assert words & models
