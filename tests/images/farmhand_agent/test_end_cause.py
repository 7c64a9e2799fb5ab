"""What the agent makes of an engine's end."""

import pytest

from farmhand_agent.end_cause import end_cause

LIMIT = ("time_limit", "The time limit of 60 s was over.")


@pytest.mark.parametrize(
    "code, facts, cause",
    [
        (0, {}, "exited"),
        (3, {}, "engine_failed"),
        (-9, {}, "killed"),
        (-9, {"out_of_memory": True}, "out_of_memory"),
        (0, {"out_of_memory": True}, "out_of_memory"),  # the engine lived, its job did not
        (0, {"out_of_memory": True, "disk_full": True}, "out_of_memory"),
        (1, {"disk_full": True}, "disk_full"),
        (-7, {"disk_full": True}, "disk_full"),
        (0, {"refused": 4096}, "too_many_processes"),
        (1, {"no_network": "dial tcp: connection refused"}, "network_lost"),
        (0, {"no_network": "dial tcp: connection refused"}, "exited"),  # it came back
        (-9, {"requested": LIMIT, "out_of_memory": True}, "time_limit"),
    ],
)
def test_an_end_has_one_cause(code, facts, cause):
    assert end_cause(code, **facts)[0] == cause


def test_a_sentence_names_the_bound_that_was_reached():
    assert end_cause(0, refused=4096)[1] == "The limit of 4096 processes was reached."
    assert end_cause(-9, LIMIT, refused=4096)[1].endswith("It had reached the limit of 4096 processes.")


def test_a_lost_forge_is_told_in_the_engines_own_words():
    sentence = end_cause(1, no_network="dial tcp 10.0.0.1:3000: i/o timeout")[1]
    assert sentence == "The engine lost its forge: dial tcp 10.0.0.1:3000: i/o timeout"
