"""Templates can be read: no long lines, and no space that a formatter added in front of a full stop."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

from tfci.core.template_loader import without_indentation

TEMPLATES = Path(__file__).parents[2] / "templates"
LONGEST = 120
STRAY = re.compile(r"(?<=\S)\n\s*\{% (?:if|for) [^%]*%\}[.,;:)]")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.html")}


def test_no_line_is_longer_than_others_can_read(texts):
    long = [
        f"{name}:{number}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if len(line) > LONGEST
    ]
    assert texts and not long


def test_no_space_comes_before_punctuation(texts):
    """The formatter breaks a line between two tags, which shows where the second begins with a full stop."""
    assert not [name for name, text in texts.items() if STRAY.search(text)]


def test_indentation_is_not_sent():
    assert "\n  " not in get_template("base.html").template.source


@pytest.mark.parametrize("tag", ["pre", "textarea"])
def test_indentation_that_is_seen_is_sent(tag):
    seen = f"<{tag}\n  class='a'>\n    b\n</{tag}>"
    assert without_indentation(f"<p>\n    a\n  </p>\n  {seen}\n  <p>") == f"<p>\na\n</p>\n{seen}\n<p>"
