"""What README and the manual's guides tell people to choose has the name that it has on the pages."""

import ast
import re
from pathlib import Path

import pytest

from tests.guards.test_wording import QUOTED, TAG
from tests.wording import prose
from tfci.forges import registry

ROOT = Path(__file__).parents[2]
SUMMARY = (ROOT / "docs/SUMMARY.md").read_text()
GUIDES = re.findall(r"\]\((.+?)\)", SUMMARY.partition("## Tutorials")[2].partition("## Reference")[0])
TEXTS = [ROOT / "README.md", *(ROOT / "docs" / name for name in GUIDES if "/" not in name)]
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)
NAME = re.compile(r"(?<!\*)\*([^*|]+)\*(?!\*)")
FORGE = re.compile(rf"\b({'|'.join(kind.title for kind in registry.KINDS.values())})\b")
OF_GITHUB = {"Settings → Developer settings", "Self-hosted runners"}


def plain(text: str) -> str:
    """In one line and lower case, with straight quotes and no forge's name."""
    return " ".join(FORGE.sub("", text).split()).lower().replace("’", "'")


@pytest.fixture(scope="module")
def pages() -> str:
    """All that pages show: texts of templates, and strings of Python."""
    templates = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    texts = [prose(TAG.sub(" ", source)) for source in templates]
    texts += [
        text[1:-1] for source in templates for tag in TAG.findall(source) for text in QUOTED.findall(tag)
    ]
    for path in (path for top in ("billing", "runners", "tfci") for path in (ROOT / top).rglob("*.py")):
        if "migrations" not in path.parts:
            nodes = ast.walk(ast.parse(path.read_text()))
            strings = (node.value for node in nodes if isinstance(node, ast.Constant))
            texts += [string for string in strings if isinstance(string, str)]
    return plain("\n".join(texts).replace("…", " "))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_name_in_a_guide_is_one_of_a_page(path, pages):
    names = {" ".join(name.split()) for name in NAME.findall(CODE.sub("", path.read_text()))} - OF_GITHUB
    parts = {part for name in names for part in name.split(" → ")}
    assert {part for part in parts if plain(part).rstrip(".") not in pages} == set()
