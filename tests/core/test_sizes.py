import pytest

from tfci.core import sizes


@pytest.mark.parametrize(
    ("text", "shown"), [("2cpu8gbram50gbssd", "2 vCPU, 8 GB, 50 GB"), ("odd", "odd"), ("", "")]
)
def test_a_canonical_size_reads_as_its_parts(text, shown):
    assert sizes.size(text) == shown


@pytest.mark.parametrize(
    ("kibibytes", "shown"), [(812, "812 kB"), (12.3 * 1024, "12.3 MB"), (3.4 * 1024**2, "3.4 GB")]
)
def test_traffic_is_shown_in_its_unit(kibibytes, shown):
    assert sizes.traffic(kibibytes) == shown


def test_memory_and_disk_are_shown_in_gigabytes():
    assert sizes.gigabytes(3.4 * 1024) == "3.4 GB"
