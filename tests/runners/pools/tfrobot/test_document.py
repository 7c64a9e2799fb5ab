"""What is no configuration is turned away before it costs anything."""

import re
import time

import pytest

from runners.pools.tfrobot import document


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must say node_groups, vms and ssh_keys"),
        ("[]", "must say node_groups, vms and ssh_keys"),
        ("a: [", "is neither YAML nor JSON"),
        ("a: 1\n\tb: 2", "line 2, file: is neither YAML nor JSON"),
        ("a: &x [1]\nb: *x", "line 2, *x: aliases are not read"),
        ("x" * (document.LARGEST + 1), "characters, and at most"),
        ("[" * 100_000, "more than any configuration"),
        ("{a: " * 30_000, "more than any configuration"),
        ("- " * 60_000, "more than any configuration"),
        ("node_groups: [" + "{}," * 40_000 + "]", "more than any configuration"),
    ],
)
def test_what_is_no_configuration_costs_nobody_much(text, sentence):
    began = time.process_time()
    with pytest.raises(document.UnreadableDocument, match=re.escape(sentence)):
        document.root(text)
    assert time.process_time() - began < 20  # hours, before its depth was bounded
