"""What programs write for a terminal, as plain text with looks."""

import time

import pytest
from hypothesis import given, strategies as st

from tfci.core.terminal import Pen, nearest, skip, spans

ESC = "\x1b"
LOOKS = {*"bdiusv", *(f"{place}{n}" for place in "fg" for n in range(16))}


def shown(line):
    return spans(line, Pen())


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("plain", [("", "plain")]),
        ("", []),
        (f"{ESC}[31mred{ESC}[0m not", [("f1", "red"), ("", " not")]),
        (f"{ESC}[1;32mboth{ESC}[m", [("b f2", "both")]),
        (f"{ESC}[97;41mbright{ESC}[39;49mnot", [("f15 g1", "bright"), ("", "not")]),
        (f"{ESC}[1mbold{ESC}[22mnot", [("b", "bold"), ("", "not")]),
        (f"{ESC}[4;9;3;7;2mall{ESC}[24;29;23;27;22mnone", [("d i s u v", "all"), ("", "none")]),
        (f"{ESC}[38;5;9mof 256", [("f9", "of 256")]),
        (f"{ESC}[38;5;196mcube", [("f9", "cube")]),
        (f"{ESC}[48;5;240mgray", [("g7", "gray")]),
        (f"{ESC}[38;2;0;0;255mtrue", [("f12", "true")]),
        (f"{ESC}[38:2::10:160:20mcolons", [("f2", "colons")]),
        (f"{ESC}[38mcut off", [("", "cut off")]),
        (f"{ESC}[38;7mno such kind", [("", "no such kind")]),
    ],
)
def test_colors_and_weights_become_names(line, found):
    assert shown(line) == found


@pytest.mark.parametrize(
    "sequence",
    [
        f"{ESC}[2K",
        f"{ESC}[10;20H",
        f"{ESC}[?25l",
        f"{ESC}]0;a title\x07",
        f"{ESC}]8;;https://evil.example{ESC}\\",
        f"{ESC}P1;2|data{ESC}\\",
        f"{ESC}(B",
        f"{ESC}c",
        "\x00",
        "\x07",
        "\x08",
        "\x7f",
        "\x9b",
        "\u202e",
        "\u2066",
        "\u2028",
    ],
)
def test_all_else_is_left_out(sequence):
    assert "".join(text for _, text in shown(f"be{sequence}fore")) == "before"


def test_a_tab_stays():
    assert shown("a\tb") == [("", "a\tb")]


def test_a_sequence_that_never_ends_takes_no_more_than_its_line():
    pen = Pen()
    assert spans(f"a{ESC}]0;never", pen) == [("", "a")]
    assert spans("the next line", pen) == [("", "the next line")]


def test_a_color_lasts_across_lines_also_those_that_are_skipped():
    pen = Pen()
    skip(f"{ESC}[1;31mnot shown", pen)
    assert spans("still", pen) == [("b f1", "still")]
    skip(f"{ESC}[m", pen)
    assert spans("over", pen) == [("", "over")]


@pytest.mark.parametrize("line", ["10%\r50%\r100%", "10%\r100%\r", f"10%{ESC}[1m\r{ESC}[0m100%"])
def test_a_progress_bar_is_what_it_ends_as(line):
    assert "".join(text for _, text in shown(line)) == "100%"


@pytest.mark.parametrize(
    ("color", "number"),
    [((255, 0, 0), 9), ((128, 0, 0), 1), ((0, 255, 255), 14), ((250, 250, 250), 15), ((10, 10, 10), 8)],
)
def test_any_color_is_one_of_the_readable_ones(color, number):
    assert nearest(*color) == number


def test_after_very_many_changes_the_rest_is_plain():
    pen = Pen(changes=3)
    assert spans(f"{ESC}[31mred{ESC}[32mgreen{ESC}[33myellow", pen) == [
        ("f1", "red"),
        ("f2", "green"),
        ("", "yellow"),
    ]
    assert spans(f"{ESC}[31mred{ESC}[0m", pen) == [("", "red")]


@given(st.text(alphabet=st.sampled_from([ESC, *"[];:mK0123456789\r\x07\\<a\x9b\u202e"]), max_size=80))
def test_nothing_of_a_text_becomes_a_look_and_no_control_character_is_left(line):
    pen = Pen()
    found = spans(line, pen)
    assert {look for looks, _ in found for look in looks.split()} <= LOOKS
    assert not {ESC, "\r", "\x07", "\x9b", "\u202e"} & {*"".join(text for _, text in found)}


@pytest.mark.parametrize(
    "piece", [f"{ESC}[", f"{ESC}[31", f"{ESC}]", f"{ESC}[31m", f"{ESC}[;;", "\r", f"{ESC}[31;", "0;", ESC]
)
def test_a_hostile_line_takes_no_longer_than_it_is_long(piece):
    line = f"{ESC}[" + piece * (2**20 // len(piece))
    began = time.process_time()
    spans(line, Pen())
    skip(line, Pen())
    assert time.process_time() - began < 5
