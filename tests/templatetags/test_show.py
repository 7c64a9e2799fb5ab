"""How amounts, times and states look."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from tfci.core.tft import Tft
from tfci.templatetags import show

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "units, text",
    [
        (0, "0.0000000 TFT"),
        (1, "0.0000001 TFT"),
        (12345, "0.0012345 TFT"),
        (Tft.parse("2614.8061932"), "2,614.8061932 TFT"),
        (-Tft.parse("1234.5"), "−1,234.5000000 TFT"),
        (-5, "−0.0000005 TFT"),
        (None, "–"),
    ],
)
def test_tft_has_seven_digits_and_grouped_thousands(units, text):
    assert show.tft(units) == text


def test_an_amount_alone_has_no_unit():
    assert show.amount(12345) == "0.0012345"


@pytest.mark.parametrize(
    "dollars, text",
    [
        (Decimal("24.844"), "$24.84"),
        (Decimal("1234.5"), "$1,234.50"),
        (0.15, "$0.150"),
        (Decimal("0.00142"), "$0.00142"),
        (Decimal("0.0000071"), "$0.00000710"),
        (0, "$0.00"),
        (-2, "−$2.00"),
        (None, "–"),
    ],
)
def test_small_dollars_keep_three_digits(dollars, text):
    assert show.usd(dollars) == text


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0, "0.0 s"),
        (0.06, "0.06 s"),
        (0.4, "0.4 s"),
        (2.46, "2.5 s"),
        (9.96, "10 s"),
        (41.2, "41 s"),
        (59.6, "1 min 00 s"),
        (126, "2 min 06 s"),
        (3900, "1 h 05 min"),
        (86400, "1 day 0 h"),
        (3 * 86400 + 4 * 3600, "3 days 4 h"),
        (timedelta(seconds=41), "41 s"),
        (None, "–"),
    ],
)
def test_a_leg_is_as_exact_as_it_is_short(seconds, text):
    assert show.duration(seconds) == text


@pytest.mark.parametrize("text, said", [("1390.909104", "1,391 TFT"), ("0.3123456", "0.31 TFT")])
def test_an_estimate_claims_no_digits_that_nobody_knows(text, said):
    assert show.rough(Tft.parse(text)) == said


@pytest.mark.parametrize(
    "length, text",
    [
        ({"days": 1360}, "1,360 days"),
        ({"days": 46, "hours": 3}, "46 days"),
        ({"days": 1}, "1 day"),
        ({"hours": 5.9}, "5 h"),
        ({"seconds": 0}, "0 s"),
    ],
)
def test_a_span_names_its_largest_unit_alone(length, text):
    assert show.span(timedelta(**length)) == text


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0, "now"),
        (34, "34 s ago"),
        (540, "9 min ago"),
        (3 * 3600 + 5, "3 h ago"),
        (86400, "1 day ago"),
        (11 * 86400, "11 days ago"),
        (-19, "in 19 s"),
        (-130, "in 2 min"),
    ],
)
def test_ago_says_how_far_away_a_time_is(seconds, text):
    with time_machine.travel(NOON, tick=False):
        assert f">{text}</time>" in show.ago(NOON - timedelta(seconds=seconds))


def test_ago_of_nothing_is_never():
    assert show.ago(None) == "never"


def test_times_carry_the_exact_moment_in_the_readers_zone():
    with timezone.override(ZoneInfo("Europe/Brussels")):
        element = show.moment(NOON)
    assert 'datetime="2026-06-01T12:00:00+00:00"' in element
    assert 'title="1 Jun 2026, 14:00:00 CEST"' in element
    assert ">1 Jun 2026, 14:00:00</time>" in element


def test_a_clock_shows_the_time_of_day():
    assert ">12:00:00</time>" in show.clock(NOON)


@pytest.mark.parametrize(
    "text, words", [("2cpu8gbram50gbssd", "2 vCPU, 8 GB, 50 GB"), ("small", "small"), ("", "–"), (None, "–")]
)
def test_a_size_is_said_in_words(text, words):
    assert show.size(text) == words


def test_counts_stand_in_one_line():
    assert show.counts({"small": 2, "4cpu8gbram50gbssd": 1}) == "2 small, 1 4cpu8gbram50gbssd"
    assert show.counts({}) == ""
