"""The lines of a log as pages show them."""

import time

import pytest

from runners.jobs.log_lines import MAX_LINES, WIDEST, part

TIMED = "2026-11-24T08:23:52.1234567Z hello\n2026-11-24T08:23:53Z ##[error]it broke\n"


def texts(found):
    return ["".join(text for _, text in line.spans) for line in found.lines]


def test_times_and_marks_of_an_engine_are_told_apart_from_the_text():
    hello, broke = part(TIMED).lines
    assert (hello.time, hello.mark, hello.spans) == ("08:23:52", "", [("", "hello")])
    assert (broke.time, broke.mark, broke.spans) == ("08:23:53", "error", [("", "it broke")])


@pytest.mark.parametrize(
    ("line", "mark", "text"),
    [
        ("##[group]Run make", "group", "Run make"),
        ("::group::Run make", "group", "Run make"),
        ("::warning file=a.py,line=3::unused", "warning", "unused"),
        ("::endgroup::", "endgroup", ""),
        ("::set-output name=a::b", "", "::set-output name=a::b"),
        ("##[nothing]x", "", "##[nothing]x"),
    ],
)
def test_a_line_is_marked_as_its_engine_marks_it(line, mark, text):
    [found] = part(line).lines
    assert (found.mark, "".join(said for _, said in found.spans)) == (mark, text)


def test_only_what_is_new_is_given_and_the_last_line_once_it_is_complete():
    assert texts(part("one\ntwo\nthr", after=1, ended=False)) == ["two"]
    ended = part("one\ntwo\nthr", after=1)
    assert (ended.before, texts(ended)) == (1, ["two", "thr"])
    assert texts(part("one\n", after=1, ended=False)) == []


def test_a_log_that_is_shorter_than_before_is_given_whole():
    found = part("one\n", after=7)
    assert (found.before, texts(found)) == (0, ["one"])


def test_colors_of_lines_before_hold_on():
    [line] = part("\x1b[32mone\ntwo\n", after=1).lines
    assert line.spans == [("f2", "two")]


def test_of_many_lines_the_last_are_given_with_their_numbers():
    found = part("".join(f"{n}\n" for n in range(1, MAX_LINES + 6)))
    assert (found.before, len(found.lines)) == (5, MAX_LINES)
    assert texts(found)[0] == "6"


def test_of_a_long_line_the_beginning_is_given():
    [line] = part("x" * 1_000_000).lines
    assert (len(line.spans[0][1]), line.left_out) == (WIDEST, 1_000_000 - WIDEST)


HUGE = {  # ten megabytes each
    "lines": "a line of a log that is ten megabytes long\n" * 240_000,
    "empty lines": "\n" * 10_000_000,
    "colors": "\x1b[31mx\x1b[0m" * 1_000_000,
    "colors in lines": "\x1b[31mx\x1b[0m\n" * 900_000,
    "marks": "2026-11-24T08:23:52Z ::error " * 400_000,
    "colons": "::error " + ":" * 10_000_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_log_is_read_in_seconds(name):
    began = time.process_time()
    part(HUGE[name])
    assert time.process_time() - began < 10
