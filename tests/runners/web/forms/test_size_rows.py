"""Rows of a pool's form: a size with how many VMs of it are kept ready."""

import pytest
from django.http import QueryDict

from runners.web.forms import PoolForm
from tests.builders import a_connection, a_team

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "sizes, counts, sentence",
    [
        (["small"], ["two"], "“two” is not a number of VMs"),
        (["small"], ["-1"], "“-1” is not a number of VMs"),
        (["small", ""], ["", "1"], "Enter a size beside each number"),
        (["small", "Small"], ["1", "2"], "Two rows name the size small"),
        (["small", "1x"], ["1", "2"], "Two entries name the same size"),
    ],
)
def test_each_mistake_in_a_row_gets_its_sentence(sizes, counts, sentence):
    team = a_team()
    data = QueryDict(mutable=True)
    data.update(
        {"name": "main", "connections": a_connection(team).pk, "default_size": "small", "position": 0}
    )
    data.update({"max_vms": 10, "max_job_minutes": 60, "linger_minutes": 5, "min_distinct_nodes": 1})
    data.setlist("sizes", sizes)
    data.setlist("min_vms", counts)
    assert sentence in PoolForm(team, data).errors["min_vms"][0]


def test_a_row_with_a_size_that_can_not_be_read_is_one_mistake():
    form = PoolForm(a_team(), QueryDict("sizes=small&min_vms=&sizes=huge&min_vms=2"))
    assert "min_vms" not in form.errors
    assert [bool(row.fault) for row in form.size_rows] == [False, True]


def test_what_is_empty_is_no_mistake_while_somebody_is_writing():
    form = PoolForm(a_team(), QueryDict("sizes=small&default_size=small&max_vms=0"))
    assert {"name", "max_vms"} <= set(form.errors)
    form.forget_missing()
    assert set(form.errors) == {"max_vms"}
