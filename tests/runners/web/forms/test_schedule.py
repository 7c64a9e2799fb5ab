"""Rows of a pool's schedule, as a page sends them and as a script does."""

import pytest
from django.http import QueryDict

from runners.web.forms import PoolForm, schedule
from tests.builders import a_connection, a_pool, a_team

pytestmark = pytest.mark.django_db

ROW = {"size": "small", "vms": 2, "weekdays": ["mon", "fri"], "from_hour": 8, "to_hour": 18}


def a_form(rows, **changes):
    """Of a new pool, by JSON."""
    team = a_team()
    data = PoolForm.data_of(a_pool(team)) | {"name": "main", "connections": [a_connection(team).pk]}
    return PoolForm(team, data | {"schedule": rows} | changes)


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"size": "huge"}, "Row 2: "),
        ({"size": ""}, "Row 2: "),
        ({"vms": -1}, "Row 2: Enter a number of VMs: 0 to 1000."),
        ({"vms": "two"}, "Row 2: Enter a number of VMs"),
        ({"weekdays": []}, "Row 2: Choose at least one weekday."),
        ({"weekdays": ["someday"]}, "Row 2: Choose at least one weekday."),
        ({"weekdays": "mon"}, "Row 2: Choose at least one weekday."),
        ({"from_hour": 24}, "Row 2: Choose a start"),
        ({"to_hour": 0}, "Row 2: Choose a start"),
        ({"to_hour": 8}, "Row 2: Choose a start"),
        ({"size": "64x"}, "“64x” can't be served"),
        ({"vms": 11}, "At one hour 11 VMs are kept ready, more than the maximum of 10."),
    ],
)
def test_each_mistake_gets_its_sentence(changes, sentence):
    form = a_form([ROW | {"weekdays": ["sun"]}, ROW | changes])
    assert sentence in form.errors["schedule"][0]


def test_what_is_no_row_is_refused():
    assert "Send an object" in a_form(["small"]).errors["schedule"][0]
    assert "At most 20 rows" in a_form([ROW] * 21).errors["schedule"][0]


def test_rows_of_other_hours_do_not_add_up():
    morning, evening = ROW | {"vms": 6, "to_hour": 12}, ROW | {"vms": 6, "size": "medium", "from_hour": 12}
    assert a_form([morning, evening]).is_valid()
    assert not a_form([morning, evening | {"from_hour": 11}]).is_valid()


def test_a_script_gets_its_rows_back_in_one_order():
    form = a_form([ROW | {"size": " Small ", "weekdays": ["fri", "mon", "mon"]}])
    assert form.is_valid(), form.errors
    assert form.instance.schedule == [ROW]


def a_page():
    """As a browser sends two rows, the second of which was added in it, and one that is empty."""
    return QueryDict(
        "schedule_row=0&schedule_vms=2&schedule_size=small&schedule_from=8&schedule_to=18"
        "&schedule_day=0-mon&schedule_day=0-fri"
        "&schedule_row=new1&schedule_vms=1&schedule_size=medium&schedule_from=22&schedule_to=6&schedule_day=new1-sat"
        "&schedule_row=2&schedule_vms=&schedule_size=&schedule_from=8&schedule_to=18",
        mutable=True,
    )


def test_a_page_sends_each_row_with_its_days():
    team = a_team()
    form = PoolForm(team, a_page())
    assert "schedule" not in form.errors
    night = {"size": "medium", "vms": 1, "weekdays": ["sat"], "from_hour": 22, "to_hour": 6}
    assert form.cleaned_data["schedule"] == [ROW, night]
    assert [(row.size, row.vms, row.weekdays, row.fault) for row in form.schedule_rows] == [
        ("small", "2", ["mon", "fri"], ""),
        ("medium", "1", ["sat"], ""),
        ("", "", [], ""),
    ]


def test_a_page_without_rows_empties_the_schedule():
    pool = a_pool(schedule=[ROW])
    form = PoolForm(pool.team, QueryDict("name=main"), pool=pool)
    form.is_valid()
    assert form.instance.schedule == []


def test_rows_are_added_and_removed_without_scripts():
    data = a_page()
    data["default_size"] = "large"
    schedule.add_row(data)
    schedule.remove_row(data, "new1")
    schedule.remove_row(data, "nothing")
    rows = PoolForm(a_team(), data).schedule_rows
    assert [(row.size, row.from_hour, list(row.weekdays)) for row in rows] == [
        ("small", "8", ["mon", "fri"]),
        ("", "8", []),
        ("large", "8", ["mon", "tue", "wed", "thu", "fri"]),
    ]
