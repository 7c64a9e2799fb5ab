"""What was said, cleaned, and kept until it was heard."""

import pytest

from farmhand_agent.tail import Lines, Tail, secrets_in


def test_tokens_are_found_in_json_and_other_files_count_line_by_line():
    files = {".runner": '{"token": "0123456789", "name": "r"}', "jit": "line of base64\nx\n", "list": "[1]"}
    assert sorted(secrets_in(files, {})) == ["0123456789", "line of base64"]


def test_what_a_variable_s_name_calls_a_secret_is_one():
    environment = {"ACTIONS_RUNNER_INPUT_JITCONFIG": "eyJhbGciOi", "WOODPECKER_SERVER": "ci.example.org:9000"}
    assert secrets_in({}, environment) == ["eyJhbGciOi"]


def test_a_tail_keeps_the_end_and_says_what_is_missing():
    tail = Tail()
    for number in range(3000):
        tail.write(f"line {number}\n")
    text, position = tail.pending()
    note, first = text.splitlines()[:2]
    assert note.endswith("bytes left out")
    assert first.startswith("line ")
    assert len(text.encode()) <= 16 * 1024
    tail.write("newer\n")
    tail.accept(position)
    assert tail.pending()[0] == "newer\n"


def test_what_was_dropped_while_a_beat_was_on_its_way_is_counted():
    tail = Tail()
    tail.write("first\n")
    _, position = tail.pending()
    for number in range(3000):
        tail.write(f"line {number}\n")
    tail.accept(position)
    said = sum(len(f"line {number}\n") for number in range(3000))
    note, _, kept = tail.pending()[0].partition("\n")
    assert note == f"[agent] {said - len(kept)} bytes left out"


@pytest.mark.parametrize(
    "output, found",
    [
        (
            b"ok\ncould not fetch: dial tcp: lookup git: No such host\n",
            "could not fetch: dial tcp: lookup git: No such host",
        ),
        (b"connection refused\n1\n2\n3\n4\n5\n", ""),  # long ago: not why it ended
        (b"all is well\n", ""),
        (b"", ""),
    ],
)
def test_a_network_that_failed_is_found_in_the_last_lines(output, found):
    lines = Lines(Tail(), [])
    lines.feed(output)
    assert lines.no_network() == found


def test_what_is_told_of_a_lost_network_holds_no_secret_and_is_short():
    lines = Lines(Tail(), ["one-job-token"])
    lines.feed(b"one-job-token: connection reset " + b"x" * 900 + b"\n")
    assert lines.no_network().startswith("***: connection reset")
    assert len(lines.no_network()) <= 200
