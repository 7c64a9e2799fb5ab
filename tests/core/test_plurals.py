import pytest

from tfci.core.plurals import plural


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs"), (12345, "12,345 jobs")]
)
def test_a_count_has_its_word(count, text):
    assert plural(count, "job") == text


@pytest.mark.parametrize(("count", "text"), [(1, "1 delivery"), (2, "2 deliveries")])
def test_several_may_have_a_word_of_their_own(count, text):
    assert plural(count, "delivery", "deliveries") == text
