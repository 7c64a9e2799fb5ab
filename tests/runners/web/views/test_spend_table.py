"""Sums of two periods as rows of a table and columns of a chart."""

from datetime import date, timedelta

from hypothesis import given, strategies as st

from billing.uses import Use
from runners.metering.date_spans import DateSpan
from runners.metering.spend_sums import SpendSum
from runners.web.views import spend_table
from tfci.core.tft import Tft

amounts = st.integers(-100, 10**12)
uses = st.fixed_dictionaries({use: amounts.map(Tft) for use in Use})
spans = st.builds(DateSpan.ending, st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 100))


def spent(key, **by_use):
    return SpendSum(key, {use: Tft(by_use.get(use, 0)) for use in Use})


def whole(sums):
    return sum(each.amount for each in sums)


@st.composite
def two_periods(draw):
    """Two spans of days, with what was spent on some of them."""
    found = []
    for _ in range(2):
        span = draw(spans)
        days = draw(st.lists(st.sampled_from(span.days), unique=True, max_size=10))
        found += [span, [SpendSum(str(day), draw(uses)) for day in days]]
    return found


def test_a_row_stands_for_each_key_of_either_period_the_largest_first():
    rows = spend_table.rows(
        [spent("a", job=3), spent("b", job=5, idle=1)], [spent("a", boot=4), spent("gone", job=2)]
    )
    assert [(row.key, row.spent.amount, row.before, row.difference) for row in rows] == [
        ("b", 6, 0, 6),
        ("a", 3, 4, -1),
        ("gone", 0, 2, -2),
    ]
    total = spend_table.total(rows)
    assert (total.spent.amount, total.spent.uses[Use.JOB], total.before) == (9, 8, 6)


def test_a_day_stands_beside_the_day_in_the_same_place_before():
    february, january = DateSpan.month(date(2026, 2, 1)), DateSpan.month(date(2026, 1, 1))
    rows = spend_table.day_rows(
        [spent("2026-02-03", job=7)],
        [spent("2026-01-03", job=5), spent("2026-01-04", job=1), spent("2026-01-31", job=2)],
        february,
        january,
    )
    assert [(row.key, row.spent.amount, row.before) for row in rows] == [
        ("2026-02-04", 0, 1),
        ("2026-02-03", 7, 5),
        ("", 0, 2),
    ]


@given(two_periods())
def test_rows_of_days_add_up_to_both_periods(periods):
    span, now, compared, before = periods
    total = spend_table.total(spend_table.day_rows(now, before, span, compared))
    assert (total.spent.amount, total.before) == (whole(now), whole(before))


@given(st.lists(uses, max_size=6), st.lists(uses, max_size=6))
def test_rows_of_keys_add_up_to_both_periods(now, before):
    periods = [[SpendSum(str(n), each) for n, each in enumerate(some)] for some in (now, before)]
    total = spend_table.total(spend_table.rows(*periods))
    assert (total.spent.amount, total.before) == tuple(whole(sums) for sums in periods)


@given(two_periods())
def test_the_columns_of_a_chart_hold_each_day_once(periods):
    span, now, *_ = periods
    columns = spend_table.chart(now, span)
    assert sum(column.total for column in columns) == whole(now)
    assert all(column.total == sum(amount for _, amount in column.parts) for column in columns)
    assert columns[-1].is_named and 1 <= sum(column.is_named for column in columns) <= 7


def test_uses_that_nobody_had_have_no_column_but_the_usual_ones():
    assert spend_table.uses([]) == [Use.JOB, Use.BOOT, Use.IDLE, Use.TEARDOWN, Use.SERVER]
    assert Use.DEBUG in spend_table.uses([spent("a", debug=1)])


def test_what_is_drawn_by_weeks_is_what_was_drawn_by_days():
    long = DateSpan.ending(date(2026, 6, 1), 200)
    columns = spend_table.chart([spent(str(long.first + timedelta(days=n)), job=1) for n in range(200)], long)
    assert len(columns) == 30 and sum(column.total for column in columns) == 200
