"""What others charge: how each counts minutes, and which of its sizes a job would need."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tfci.core import prices

JOB = timedelta(minutes=2, seconds=6)


@pytest.mark.parametrize(
    "peer, usd",
    [
        (prices.GITHUB, "0.036"),  # 3 started minutes
        (prices.UBICLOUD, "0.0075"),
        (prices.BLACKSMITH, "0.016"),  # 2 minutes
        (prices.DEPOT, "0.0168"),  # 126 seconds
    ],
)
def test_the_same_job_costs_by_each_ones_own_count(peer, usd):
    assert peer.charge(4, JOB) == Decimal(usd)


@pytest.mark.parametrize(
    "count, took, minutes",
    [
        (prices.started_minutes, timedelta(seconds=60), 1),
        (prices.started_minutes, timedelta(seconds=60, microseconds=1), 2),
        (prices.started_minutes, timedelta(), 0),
        (prices.nearest_minute, timedelta(seconds=89), 1),
        (prices.nearest_minute, timedelta(seconds=90), 2),
        (prices.seconds, timedelta(milliseconds=29_001), Decimal("0.5")),
    ],
)
def test_a_minute_is_counted_up_to_the_nearest_or_by_the_second(count, took, minutes):
    assert count(took) == minutes


def test_a_job_needs_the_smallest_size_that_has_its_processors():
    assert [prices.GITHUB.fits(cpu) for cpu in (1, 2, 3, 16)] == [1, 2, 4, 16]


def test_a_size_that_nobody_read_a_price_of_has_none():
    assert prices.GITHUB.fits(17) is None
    assert prices.GITHUB.charge(17, JOB) is None


@pytest.mark.parametrize("peer", prices.PEERS, ids=lambda peer: peer.name)
def test_each_price_has_a_date_a_source_and_words_for_its_count(peer):
    assert peer.as_of.startswith("2026-")
    assert peer.source.startswith("https://")
    assert peer.counted
    assert all(price > 0 for price in peer.per_minute.values())
