"""The filtered list of jobs as a file."""

import csv
import io

import pytest
from django.urls import reverse

from runners.web.views.jobs import csv as job_csv
from tests.builders import a_job
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(house):
    return client_of("viewer", house.team)


def filed(reader, house, **query):
    """The file's rows, as a spreadsheet would have them."""
    answer = reader.get(reverse("jobs_csv", args=[house.team.slug]), query)
    assert "attachment" in answer["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def test_the_file_has_the_jobs_that_the_filters_find(reader, house):
    a_job(house.connection, "completed", name="lint", branch="main", conclusion="failure")
    (row,) = filed(reader, house, branch="main")
    assert (row["job"], row["organisation"], row["conclusion"]) == ("lint", "kestrel", "failure")
    assert len(filed(reader, house)) == 2


def test_a_filter_that_makes_no_sense_finds_nothing(reader, house):
    assert filed(reader, house, pool="99999999") == []
    assert len(filed(reader, house, until="9999-12-31")) == 1


def test_a_text_that_a_spreadsheet_would_run_stays_a_text(reader, house):
    a_job(house.connection, "completed", name="=HYPERLINK(1)", branch="x")
    assert filed(reader, house, branch="x")[0]["job"] == "'=HYPERLINK(1)"


def test_it_goes_on_over_all_pages_and_ends_at_its_bound(reader, house, monkeypatch):
    for _ in range(12):
        a_job(house.connection, "completed")
    monkeypatch.setattr(job_csv, "CHUNK", 5)
    assert len(filed(reader, house)) == 13
    monkeypatch.setattr(job_csv, "MAX_ROWS", 10)
    assert len(filed(reader, house)) == 10
