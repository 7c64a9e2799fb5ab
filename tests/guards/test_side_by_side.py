"""What docs/decisions/side-by-side.md says of us: each line with something to see, or with what is missing."""

import re
from pathlib import Path

import pytest

from tests.rights import PEOPLE
from tests.rights_rows import rows

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/decisions/side-by-side.md").read_text()
LINES = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if re.match(r"\| \d+ ", line)]
NAMED = sorted({name for line in LINES for name in re.findall(r"`([^`]+)`", line[-1])})
PAGES = {row.address for row in rows(PEOPLE) if row.method == "GET"}


def test_no_pattern_and_no_pain_is_left_out():
    assert [int(number) for number, *_ in LINES] == [*range(1, 14), *range(1, 16)]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[1])
def test_each_shows_something_or_says_what_is_missing(line):
    assert "`" in line[-1] or "ot yet" in " ".join(line), line


@pytest.mark.parametrize("name", NAMED)
def test_what_is_named_is_there(name):
    assert name in PAGES or (ROOT / name).is_file()
