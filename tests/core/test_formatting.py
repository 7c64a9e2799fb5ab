import pytest

from tfci.core import formatting


@pytest.mark.parametrize(
    ("text", "shown"), [("2cpu8gbram50gbssd", "2 vCPU, 8 GB, 50 GB"), ("odd", "odd"), ("", "")]
)
def test_a_canonical_size_reads_as_its_parts(text, shown):
    assert formatting.size(text) == shown


@pytest.mark.parametrize(
    ("kibibytes", "shown"), [(812, "812 kB"), (12.3 * 1024, "12.3 MB"), (3.4 * 1024**2, "3.4 GB")]
)
def test_traffic_is_shown_in_its_unit(kibibytes, shown):
    assert formatting.traffic(kibibytes) == shown


def test_memory_and_disk_are_shown_in_gigabytes():
    assert formatting.gigabytes(3.4 * 1024) == "3.4 GB"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs"), (12345, "12,345 jobs")]
)
def test_a_count_has_its_word(count, text):
    assert formatting.plural(count, "job") == text


@pytest.mark.parametrize(("count", "text"), [(1, "1 delivery"), (2, "2 deliveries")])
def test_several_may_have_a_word_of_their_own(count, text):
    assert formatting.plural(count, "delivery", "deliveries") == text
