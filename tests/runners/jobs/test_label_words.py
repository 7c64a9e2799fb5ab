"""What each word of a runs-on means, before a push."""

import pytest

from runners.jobs.label_words import MAX_LABELS, explain, split
from runners.jobs.labels import NAMED, Size, SizeLimits
from runners.reasons.labels import SizeTooLarge

LIMITS = SizeLimits.over(NAMED.values())


def told(*labels):
    return explain(labels, "tfgrid", NAMED["small"], LIMITS)


@pytest.mark.parametrize(
    "text, labels",
    [
        ("small", ["small"]),
        ("[tfgrid, small]", ["tfgrid", "small"]),
        ("runs-on: [self-hosted, '4x']", ["self-hosted", "4x"]),
        ("- tfgrid\n- large\n", ["tfgrid", "large"]),
        ("tfgrid=${{ github.run_id }}/cpu=4", ["tfgrid=${{github.run_id}}/cpu=4"]),
        ("small small", ["small"]),
        ("  ", []),
    ],
)
def test_labels_are_found_in_whatever_was_pasted(text, labels):
    assert split(text) == labels


def test_no_more_than_twenty_labels_are_looked_at():
    assert len(split(" ".join(map(str, range(100))))) == MAX_LABELS


def test_an_expression_in_a_label_asks_for_the_size_beside_it():
    assert told(*split("tfgrid=${{ github.run_id }}/cpu=4")).size == Size(4, 16, 100)


@pytest.mark.parametrize(
    "label, kind",
    [
        ("small", "size"),
        ("4cpu8gbram50gbssd", "size"),
        ("TFGRID", "anchor"),
        ("self-hosted", "neutral"),
        ("arm64", "refused"),
        ("4cpu8gb-arm64", "refused"),
        ("0cpu8gb", "refused"),
        ("16gb", "refused"),
        ("gpu", "unknown"),
    ],
)
def test_each_word_is_told_for_what_it_is(label, kind):
    word = told(label).words[0]
    assert (word.label, word.kind) == (label, kind)
    assert word.means.endswith(".")


def test_words_together_get_the_size_that_a_pool_would_give():
    assert told("self-hosted", "linux", "4vcpu-8gb-50gbssd").size == Size(4, 8, 50)
    assert told("tfgrid").size == NAMED["small"]


def test_what_is_too_large_is_refused_with_the_pools_own_sentence():
    answer = told("64cpu8gb")
    assert (answer.size, answer.why_not) == (None, SizeTooLarge(64, 16, "processors"))


def test_what_does_not_address_us_is_left_alone():
    elsewhere = told("self-hosted", "gpu")
    assert (elsewhere.size, elsewhere.why_not) == (None, None)
    ours = told("tfgrid", "gpu")
    assert ours.size or ours.why_not
