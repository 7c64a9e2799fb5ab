"""Spans of days: which one comes before another, and how they are drawn."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from runners.metering.date_spans import COLUMNS, DateSpan

spans = st.builds(
    DateSpan.ending, st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(min_value=1, max_value=400)
)


def span(first, last):
    return DateSpan(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("shown", "before"),
    [
        (("2026-06-02", "2026-06-08"), ("2026-05-26", "2026-06-01")),
        (("2026-06-01", "2026-06-01"), ("2026-05-31", "2026-05-31")),
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),  # months
        (("2026-02-01", "2026-02-28"), ("2026-01-01", "2026-01-31")),
        (("2024-03-01", "2024-03-31"), ("2024-02-01", "2024-02-29")),
        (("2026-01-01", "2026-01-31"), ("2025-12-01", "2025-12-31")),
        (("2026-06-01", "2026-06-10"), ("2026-05-01", "2026-05-10")),  # a month so far
        (("2026-06-01", "2026-06-02"), ("2026-05-01", "2026-05-02")),
        (("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28")),
        (("2026-06-01", "2026-07-31"), ("2026-04-01", "2026-05-31")),  # more than a month
    ],
)
def test_what_a_span_is_compared_with(shown, before):
    assert span(*shown).before == span(*before)


@given(spans)
def test_nothing_is_in_both(shown):
    assert shown.before.last < shown.first
    assert shown.before.first <= shown.before.last


@given(spans)
def test_columns_are_all_days_in_their_order_and_no_more_than_can_be_drawn(shown):
    columns = shown.columns()
    assert [day for column in columns for day in column.days] == shown.days
    assert len(columns) <= COLUMNS
    assert all(column.length <= 7 for column in columns)


def test_weeks_begin_on_mondays():
    columns = DateSpan.ending(date(2026, 6, 3), 90).columns()
    assert {column.first.weekday() for column in columns[1:]} == {0}
    assert columns[-1] == span("2026-06-01", "2026-06-03")


def test_a_year_is_drawn_by_weeks():
    assert len(DateSpan.ending(date(2026, 12, 31), 366).columns()) == 53
    assert DateSpan.month(date(2026, 12, 31)).length == 31
    assert DateSpan.month(date(2026, 12, 5)).first + timedelta(days=30) == date(2026, 12, 31)
