"""images/agent: what it makes of an engine's end, of counters and of outputs."""

import pytest

from farmhand_agent import job, life, meter
from farmhand_agent.tail import Tail, secrets_in


@pytest.mark.parametrize(
    "code, out_of_memory, disk_full, cause",
    [
        (0, False, False, "exited"),
        (3, False, False, "engine_failed"),
        (-9, False, False, "killed"),
        (-9, True, False, "out_of_memory"),
        (0, True, False, "out_of_memory"),  # the engine lived, its job did not
        (0, True, True, "out_of_memory"),
        (1, False, True, "disk_full"),
        (-7, False, True, "disk_full"),
    ],
)
def test_an_end_has_one_cause(code, out_of_memory, disk_full, cause):
    assert job.verdict(code, out_of_memory, disk_full)[0] == cause


def test_a_counter_is_found_among_its_like(tmp_path):
    (tmp_path / "vmstat").write_text("oom_kill_disable 5\noom_kill 3\nnr_free_pages 17\n")
    assert meter.counter(tmp_path / "vmstat", "oom_kill") == 3
    assert meter.counter(tmp_path / "missing", "oom_kill") == 0


def test_tokens_are_found_in_json_and_other_files_count_line_by_line():
    files = {".runner": '{"token": "0123456789", "name": "r"}', "jit": "line of base64\nx\n", "list": "[1]"}
    assert sorted(secrets_in(files)) == ["0123456789", "line of base64"]


def test_a_tail_keeps_the_end_and_says_what_is_missing():
    tail = Tail()
    for number in range(3000):
        tail.say(f"line {number}\n")
    text, position = tail.pending()
    note, first = text.splitlines()[:2]
    assert note.endswith("bytes left out")
    assert first.startswith("line ")
    assert len(text.encode()) <= 16 * 1024
    tail.say("newer\n")
    tail.accept(position)
    assert tail.pending()[0] == "newer\n"


def test_what_was_dropped_while_a_beat_was_on_its_way_is_counted():
    tail = Tail()
    tail.say("first\n")
    _, position = tail.pending()
    for number in range(3000):
        tail.say(f"line {number}\n")
    tail.accept(position)
    said = sum(len(f"line {number}\n") for number in range(3000))
    note, _, kept = tail.pending()[0].partition("\n")
    assert note == f"[agent] {said - len(kept)} bytes left out"


@pytest.mark.parametrize(
    "answer, seconds", [({"interval": 2}, 2), ({"interval": 0}, 1), ({"interval": 9e9}, 300), ({}, 10)]
)
def test_the_interval_is_obeyed_within_reason(answer, seconds):
    assert life.interval(answer) == seconds
