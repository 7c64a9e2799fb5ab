"""How many VMs a schedule asks for at a moment, in real time zones, over changes of their clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from runners.pools.schedule import HOURS, STEP, WEEKDAYS, ReadySpan, Schedule, ScheduleRow

SMALL, LARGE = "2cpu8gbram50gbssd", "8cpu32gbram200gbssd"
BRUSSELS = "Europe/Brussels"
ZONES = [
    *("UTC", BRUSSELS, "America/New_York", "Asia/Kolkata", "Asia/Kathmandu"),
    *("Australia/Lord_Howe", "Pacific/Chatham", "America/Havana", "Antarctica/Troll"),
]
WORKDAYS = frozenset(range(5))
HOUR = timedelta(hours=1)


def a_row(vms=2, days=WORKDAYS, start=8, stop=18, size=SMALL):
    return ScheduleRow(size, vms, frozenset(days), start, stop)


def a_schedule(*rows, base=None, zone=BRUSSELS):
    return Schedule(base or {}, rows, ZoneInfo(zone))


def at(schedule, text):
    """At a moment of UTC."""
    return dict(schedule.at(datetime.fromisoformat(text).replace(tzinfo=UTC)))


@pytest.mark.parametrize(
    "rows, base, moment, vms",
    [
        # 2026-06-01 is a Monday; Brussels is 2 hours ahead in summer.
        ([a_row()], {}, "2026-06-01 05:59", {}),
        ([a_row()], {}, "2026-06-01 06:00", {SMALL: 2}),
        ([a_row()], {}, "2026-06-01 15:59", {SMALL: 2}),
        ([a_row()], {}, "2026-06-01 16:00", {}),
        ([a_row()], {}, "2026-06-06 10:00", {}),  # Saturday
        ([a_row()], {SMALL: 1, LARGE: 1}, "2026-06-01 06:00", {SMALL: 2, LARGE: 1}),
        ([a_row()], {SMALL: 1, LARGE: 1}, "2026-06-01 05:59", {SMALL: 1, LARGE: 1}),
        ([a_row(vms=0)], {SMALL: 1}, "2026-06-01 06:00", {}),
        ([a_row(vms=1), a_row(vms=3)], {SMALL: 9}, "2026-06-01 06:00", {SMALL: 3}),
        ([a_row(), a_row(vms=1, size=LARGE)], {}, "2026-06-01 06:00", {SMALL: 2, LARGE: 1}),
        ([a_row(start=0, stop=24)], {}, "2026-05-31 22:00", {SMALL: 2}),
        ([a_row(start=0, stop=24)], {}, "2026-05-31 21:59", {}),
        # over midnight: on Friday's night, until Saturday at 6
        ([a_row(days={4}, start=22, stop=6)], {}, "2026-06-05 19:59", {}),
        ([a_row(days={4}, start=22, stop=6)], {}, "2026-06-05 20:00", {SMALL: 2}),
        ([a_row(days={4}, start=22, stop=6)], {}, "2026-06-06 03:59", {SMALL: 2}),
        ([a_row(days={4}, start=22, stop=6)], {}, "2026-06-06 04:00", {}),
        (
            [a_row(days={6}, start=22, stop=6)],
            {},
            "2026-06-01 03:59",
            {SMALL: 2},
        ),  # Sunday's night, into Monday
        ([a_row(days={4}, start=22, stop=6)], {}, "2026-06-05 03:00", {}),  # not Thursday's night
    ],
)
def test_rows_replace_the_base_in_their_hours(rows, base, moment, vms):
    assert at(a_schedule(*rows, base=base), moment) == vms


@pytest.mark.parametrize(
    "zone, rows, hours",
    [
        # Brussels, 2026-03-29: 02:00 to 03:00 is left out; 2026-10-25: it comes twice.
        (BRUSSELS, [a_row(days={6}, start=1, stop=4)], {"2026-03-29": 2, "2026-10-25": 4, "2026-06-07": 3}),
        (BRUSSELS, [a_row(days={6}, start=2, stop=3)], {"2026-03-29": 0, "2026-10-25": 2, "2026-06-07": 1}),
        ("America/New_York", [a_row(days={6}, start=0, stop=2)], {"2026-03-08": 2, "2026-11-01": 3}),
        ("Asia/Kolkata", [a_row(days={6}, start=1, stop=4)], {"2026-03-29": 3, "2026-10-25": 3}),
        # Half an hour: 2026-04-05, 02:00 is 01:30 again; 2026-10-04, 02:00 is 02:30.
        ("Australia/Lord_Howe", [a_row(days={6}, start=1, stop=3)], {"2026-04-05": 2.5, "2026-10-04": 1.5}),
    ],
)
def test_hours_are_those_of_the_clock_on_the_wall(zone, rows, hours):
    schedule = a_schedule(*rows, zone=zone)
    for day, length in hours.items():
        begin = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        steps = [begin + n * STEP for n in range(30 * 4)]
        assert sum(bool(schedule.at(moment)) for moment in steps) / 4 == length, day


@pytest.mark.parametrize(
    "rows, moment, change",
    [
        ([], "2026-06-01 00:00", None),
        ([a_row(vms=0)], "2026-06-01 00:00", None),
        ([a_row(days=range(7), start=0, stop=24)], "2026-06-01 00:00", None),
        ([a_row()], "2026-06-01 00:07", "2026-06-01 06:00"),
        ([a_row()], "2026-06-01 06:00", "2026-06-01 16:00"),
        ([a_row()], "2026-06-05 16:00", "2026-06-08 06:00"),
        ([a_row(), a_row(start=18, stop=20)], "2026-06-01 06:00", "2026-06-01 18:00"),
        ([a_row(days={6}, start=2, stop=3)], "2026-03-22 12:00", "2026-04-05 00:00"),  # past the one left out
    ],
)
def test_the_next_change_is_when_another_number_holds(rows, moment, change):
    found = a_schedule(*rows).next_change(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    assert found == (datetime.fromisoformat(change).replace(tzinfo=UTC) if change else None)


@pytest.mark.parametrize(
    "minutes_before, vms",
    [(61, {SMALL: 1}), (11, {SMALL: 1}), (10, {SMALL: 4}), (0, {SMALL: 4})],
)
def test_what_must_start_now_to_be_ready_counts_already(minutes_before, vms):
    schedule = a_schedule(a_row(vms=4), base={SMALL: 1}, zone="UTC")
    moment = datetime(2026, 6, 1, 8, tzinfo=UTC) - timedelta(minutes=minutes_before)
    assert schedule.ahead(moment, {SMALL: timedelta(minutes=10)}) == vms


def test_what_ends_soon_is_kept_to_the_end():
    schedule = a_schedule(a_row(vms=4), base={SMALL: 1}, zone="UTC")
    last = datetime(2026, 6, 1, 17, 59, tzinfo=UTC)
    assert schedule.ahead(last, {SMALL: timedelta(minutes=10)}) == {SMALL: 4}
    assert schedule.ahead(last + timedelta(minutes=1), {SMALL: timedelta(minutes=10)}) == {SMALL: 1}


def test_a_week_has_its_spans_its_hours_and_its_peak():
    schedule = a_schedule(a_row(), a_row(vms=1, days={0}, start=12, stop=20, size=LARGE))
    assert schedule.spans(0) == [
        ReadySpan(8, 12, {SMALL: 2}),
        ReadySpan(12, 18, {SMALL: 2, LARGE: 1}),
        ReadySpan(18, 20, {LARGE: 1}),
    ]
    assert schedule.spans(1) == [ReadySpan(8, 18, {SMALL: 2})]
    assert schedule.spans(6) == []
    assert schedule.vm_hours == {SMALL: 100, LARGE: 8}
    assert schedule.peak == 3


def test_sizes_are_read_in_any_spelling():
    stored = {"size": "2cpu8gbram50gbssd", "vms": 3, "weekdays": ["mon"], "from_hour": 0, "to_hour": 24}
    schedule = Schedule.read({"small": 1}, [stored], ZoneInfo("UTC"))
    assert at(schedule, "2026-06-01 06:00") == {SMALL: 3}
    assert at(schedule, "2026-06-02 06:00") == {SMALL: 1}


rows = st.builds(
    lambda vms, days, hours, size: ScheduleRow(size, vms, days, *hours),
    st.integers(0, 3),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda hours: hours[0] != hours[1]),
    st.sampled_from([SMALL, LARGE]),
)
schedules = st.builds(
    lambda base, rows, zone: Schedule(base, rows, ZoneInfo(zone)),
    st.dictionaries(st.sampled_from([SMALL, LARGE]), st.integers(0, 3)),
    st.lists(rows, max_size=4),
    st.sampled_from(ZONES),
)
moments = st.integers(0, 3 * 365 * 86_400).map(
    lambda s: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)


@given(schedules, moments)
def test_until_the_next_change_the_same_holds(schedule, moment):
    change = schedule.next_change(moment)
    if change is None:
        assert all(
            schedule.at(moment + n * HOUR) == schedule.at(moment) for n in range(len(WEEKDAYS) * HOURS)
        )
        return
    assert schedule.at(change) != schedule.at(moment) == schedule.at(change - timedelta(seconds=1))
    between = (change - moment) // 7
    assert all(schedule.at(moment + n * between) == schedule.at(moment) for n in range(7))


@given(schedules, moments)
def test_the_picture_says_what_holds(schedule, moment):
    local = moment.astimezone(schedule.zone)
    shown = [span for span in schedule.spans(local.weekday()) if span.from_hour <= local.hour < span.to_hour]
    assert [dict(span.vms) for span in shown] == [dict(schedule.at(moment))] * bool(schedule.at(moment))


@given(schedules, moments, st.integers(0, 60))
def test_to_start_ahead_never_takes_away(schedule, moment, minutes):
    ahead = schedule.ahead(moment, dict.fromkeys([SMALL, LARGE], timedelta(minutes=minutes)))
    later = schedule.at(moment + timedelta(minutes=minutes))
    for size in (SMALL, LARGE):
        assert ahead.get(size, 0) == max(schedule.at(moment).get(size, 0), later.get(size, 0))
    assert schedule.peak >= sum(schedule.at(moment).values())
