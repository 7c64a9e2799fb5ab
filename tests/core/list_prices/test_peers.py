"""What others charge: how each counts minutes, and which of its sizes a job would need."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tfci.core.list_prices import current, peers

JOB = timedelta(minutes=2, seconds=6)


@pytest.mark.parametrize(
    "peer, usd",
    [
        (current.GITHUB, "0.036"),  # 3 started minutes
        (current.UBICLOUD, "0.0075"),
        (current.BLACKSMITH, "0.016"),  # 2 minutes
        (current.DEPOT, "0.0168"),  # 126 seconds
    ],
)
def test_the_same_job_costs_by_each_ones_own_count(peer, usd):
    assert peer.charge(4, JOB) == Decimal(usd)


@pytest.mark.parametrize(
    "count, took, minutes",
    [
        (peers.started_minutes, timedelta(seconds=60), 1),
        (peers.started_minutes, timedelta(seconds=60, microseconds=1), 2),
        (peers.started_minutes, timedelta(), 0),
        (peers.nearest_minute, timedelta(seconds=89), 1),
        (peers.nearest_minute, timedelta(seconds=90), 2),
        (peers.seconds, timedelta(milliseconds=29_001), Decimal("0.5")),
    ],
)
def test_a_minute_is_counted_up_to_the_nearest_or_by_the_second(count, took, minutes):
    assert count(took) == minutes


def test_a_job_needs_the_smallest_size_that_has_its_processors():
    assert [current.GITHUB.fits(cpu) for cpu in (1, 2, 3, 16)] == [1, 2, 4, 16]


def test_a_size_that_nobody_read_a_price_of_has_none():
    assert current.GITHUB.fits(17) is None
    assert current.GITHUB.charge(17, JOB) is None


@pytest.mark.parametrize("peer", current.PEERS, ids=lambda peer: peer.name)
def test_each_price_has_a_date_a_source_and_words_for_its_count(peer):
    assert peer.as_of.startswith("2026-")
    assert peer.source.startswith("https://")
    assert peer.counted
    assert all(price > 0 for price in peer.per_minute.values())


def listed(**changed):
    """A price list of one product, as text."""
    row = {
        "name": "'Acme'",
        "per_minute": "{ 2 = '0.001' }",
        "counts": "'seconds'",
        "as_of": "'2026-11'",
        "source": "'https://acme.example/prices'",
    } | changed
    return "\n".join(["[[product]]", *(f"{key} = {value}" for key, value in row.items() if value)])


def test_an_operators_list_adds_to_ours_and_replaces_by_name():
    theirs = [*peers.read(listed()), *peers.read(listed(name="'GitHub'", as_of="'2027-01-02'"))]
    names = {peer.name: peer for peer in peers.merged(current.PEERS, theirs)}
    assert list(names) == ["GitHub", "Ubicloud", "Blacksmith", "Depot", "Acme"]
    assert (names["GitHub"].as_of, names["GitHub"].per_minute) == ("2027-01-02", {2: Decimal("0.001")})


@pytest.mark.parametrize(
    "wrong, says",
    [
        ({"name": None}, "a product without a name has no name"),
        ({"source": None}, "Acme has no source"),
        ({"price": 1}, "Acme has unknown price"),
        ({"counts": "'hours'"}, "counts must be started_minutes, nearest_minute, seconds"),
        ({"as_of": "'last year'"}, "as_of must be a day or month"),
        ({"as_of": "'2026-13'"}, "as_of must be a day or month"),
        ({"as_of": "'2026-02-30'"}, "as_of must be a day or month"),
        ({"source": "'javascript:alert(1)'"}, "source must be an address"),
        ({"per_minute": "{ 4 = '0.001' }"}, "at least of 2"),
        ({"per_minute": "{ 2 = 'cheap' }"}, "per_minute must be USD"),
        ({"per_minute": "{ 2 = 'nan' }"}, "per_minute must be USD"),
        ({"per_minute": "{ 2 = 0 }"}, "per_minute must be USD"),
    ],
)
def test_a_list_that_is_wrong_says_where(wrong, says):
    with pytest.raises(ValueError, match=says):
        peers.read(listed(**wrong))


@pytest.mark.parametrize("text", ["", "product = 3", "[product]", "not TOML"])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(ValueError, match=r"no \[\[product|Expected"):
        peers.read(text)


@pytest.mark.parametrize(
    "as_of, old", [("2026-04", False), ("2025-12-02", False), ("2025-12-01", True), ("2025-11", True)]
)
def test_a_price_of_over_a_year_ago_is_old(as_of, old):
    assert peers.is_old(as_of, date(2026, 12, 2)) is old
