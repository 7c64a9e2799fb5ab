"""Every text that a user reads is free of the phrases in tests/wording.py. Rendered pages: tests/test_looks.py."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.runners.web.api.scripts import description
from tests.wording import prose, stilted

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in (".html", ".txt"))
MANUAL = [*sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("docs/legal/*.md"))]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *MANUAL]
DATA = [*sorted((ROOT / "tfci/pages/data").glob("*.toml")), *sorted((ROOT / "runners").rglob("*.toml"))]
CODE = sorted(
    path
    for top in ("billing", "runners", "tfci")
    for path in (ROOT / top).rglob("*.py")
    if "migrations" not in path.parts
)
COMMENT = re.compile(r"{#.*?#}|{% comment.*?{% endcomment %}", re.S)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.S)
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
WORDS = re.compile(r".[A-Z]|.* ")  # more than one word, or a capital: no name of a view
MARKED = re.compile(r"^```.*?^```|`[^`\n]*`|\]\([^)]*\)", re.M | re.S)  # code and addresses of Markdown
HELP = re.compile(r"^\w+:.*## (.*)", re.M)


def template_text(source: str) -> str:
    """What a template says: its text, and the texts that its tags are given."""
    source = COMMENT.sub("", source)
    given = [text[1:-1] for tag in TAG.findall(source) for text in QUOTED.findall(tag) if WORDS.match(text)]
    return "\n".join([prose(TAG.sub("…", source)), *given])


def strings(source: str) -> Iterator[str]:
    """The string literals of more than one word that are no docstrings."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings)
    yield from (node.value for node in found if isinstance(node.value, str) and " " in node.value)


def texts(data: Any) -> Iterator[str]:
    """All strings in nested data."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)


def described(data: Any) -> Iterator[str]:
    """The descriptions and summaries of an OpenAPI document."""
    if isinstance(data, dict):
        yield from (data[key] for key in ("description", "summary") if isinstance(data.get(key), str))
    if isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from described(value)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_templates_are_in_plain_english(path):
    assert stilted(template_text(path.read_text())) == []


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_messages_labels_and_reasons_are_in_plain_english(path):
    assert [found for text in strings(path.read_text()) for found in stilted(MARKED.sub("", text))] == []


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_the_manual_is_in_plain_english(path):
    assert stilted(MARKED.sub("", path.read_text())) == []


@pytest.mark.parametrize("path", DATA, ids=relative)
def test_data_of_pages_is_in_plain_english(path):
    data = tomllib.loads(path.read_text())
    assert [found for text in texts(data) for found in stilted(text)] == []


def test_the_description_of_the_api_is_in_plain_english():
    assert [found for text in described(description()) for found in stilted(MARKED.sub("", text))] == []


def test_the_commands_are_described_in_plain_english():
    assert stilted("\n".join(HELP.findall((ROOT / "Makefile").read_text()))) == []


def test_a_phrase_is_found_across_lines_and_not_inside_a_word():
    assert stilted("It gives\n the word, and is here.") == ["It gives the word, and is here."]
    assert stilted("whereof, is hadron") == []


def test_what_people_read_of_a_template_is_found():
    text = template_text("<p title='a b'>{# none #}c {{ d }}</p>{% empty 'e' 'f g' %}<pre>none</pre>")
    assert text.split() == ["a", "b", "c", "…", "…", "f", "g"]
