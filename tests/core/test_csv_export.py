"""Lists as CSV files."""

import pytest

from tfci.core import csv_export


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1"])
def test_a_text_that_would_be_run_is_not(text):
    assert csv_export.cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "value, text", [("a=b", "a=b"), ("", ""), (None, ""), (-3, "-3"), (0.5, "0.5"), ("übung", "übung")]
)
def test_other_values_stay_as_they_are(value, text):
    assert csv_export.cell(value) == text


def test_quotes_and_line_ends_stay_in_their_cell():
    assert list(csv_export.lines(["a", "b"], [['say "x"', "two\nlines"]])) == [
        "a,b\r\n",
        '"say ""x""","two\nlines"\r\n',
    ]


def test_rows_are_asked_for_while_the_file_is_sent():
    asked = []
    rows = (asked.append(n) or [n] for n in range(3))
    answer = csv_export.answer("numbers", ["n"], rows)
    assert asked == []
    assert b"".join(answer.streaming_content) == b"n\r\n0\r\n1\r\n2\r\n"
