"""The calculator."""

import pytest
from django.utils import timezone

from tests.builders import a_price
from tests.people import Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def work_out():
    a_price(read_at=timezone.now())
    return lambda **query: Visitor().get("/pricing/", query)


def test_a_first_visit_shows_a_month_under_both_policies(work_out):
    text = work_out().text
    for words in ("318.7500", "$3.19", "$9.90", "$43.20", "simulated grid"):
        assert words in text


def test_the_visitors_numbers_are_worked_out(work_out):
    answer = work_out(jobs=10, minutes="2.5", size="large", standby=2, nodes="certified", boot=0)
    month = answer.context["month"]
    assert (month.jobs, month.each.total_seconds(), str(month.size)) == (300, 150, "8cpu32gbram200gbssd")
    assert (month.standby, month.certified) == (2, True)


def test_where_others_are_cheaper_it_is_said_by_name(work_out):
    assert "Blacksmith and Ubicloud" not in work_out().text
    cheaper = work_out(jobs=1, minutes=1, standby=1).context["now"].cheaper
    assert cheaper == ["GitHub", "Ubicloud", "Blacksmith"]
    assert "GitHub and Ubicloud and Blacksmith are cheaper" in work_out(jobs=1, minutes=1, standby=1).text


def test_where_only_the_other_policy_makes_others_cheaper_it_is_said_too(work_out):
    assert "Under the higher policy, Ubicloud would be cheaper for this month." in work_out().text


@pytest.mark.parametrize(
    "numbers", [{"jobs": 0}, {"minutes": "x"}, {"size": "huge"}, {"boot": -1}, {"nodes": "?"}]
)
def test_numbers_that_make_no_month_are_said_and_break_nothing(work_out, numbers):
    answer = work_out(**numbers)
    assert answer.status_code == 200
    assert "These values can’t be calculated." in answer.text


def test_htmx_gets_the_answer_alone(work_out):
    work_out()
    text = Visitor().get("/pricing/", {"jobs": 1}, headers={"HX-Request": "true"}).text
    assert text.startswith('<div class="fp-stack" id="bill">') and "<html" not in text


def test_without_a_reading_of_prices_it_says_so_and_shows_the_others():
    text = Visitor().get("/pricing/").text
    assert "The grid’s prices have not been read yet." in text
    assert "docs.github.com" in text
