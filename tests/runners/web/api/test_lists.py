"""Lists: pages by key that stay right while rows are added."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.builders import a_connection, a_job, a_node, a_pool
from tests.runners.web.api.scripts import description

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(team):
    return a_connection(team)


def walk(script, first):
    """The ids of each page, from the first to the last."""
    pages, answer = [first.ids], first
    while answer.said["next"]:
        answer = script.follow(answer.said["next"])
        pages.append(answer.ids)
        assert len(pages) < 50
    return pages


def test_pages_hold_each_row_once_newest_first(reader, connection):
    ids = [a_job(connection).pk for _ in range(5)]
    assert walk(reader, reader.get("/jobs", limit=2)) == [ids[:2:-1], ids[2:0:-1], ids[:1]]


def test_a_full_last_page_leads_nowhere(reader, connection):
    a_job(connection), a_job(connection)
    assert reader.get("/jobs", limit=2).said["next"] is None


def test_an_empty_list_has_no_next(reader):
    assert reader.get("/jobs").said == {"items": [], "next": None}


def test_what_comes_meanwhile_changes_no_page_that_follows(reader, connection):
    ids = [a_job(connection).pk for _ in range(4)]
    first = reader.get("/jobs", limit=2)
    a_job(connection)
    assert walk(reader, first) == [ids[:1:-1], ids[1::-1]]


def test_the_next_page_keeps_the_filters_and_the_length(reader, connection):
    for _ in range(3):
        a_job(connection, "queued"), a_job(connection, "completed")
    url = reader.get("/jobs", limit=1, state=["queued", "waiting"]).said["next"]
    asked = parse_qs(urlsplit(url).query)
    assert (asked["limit"], asked["state"]) == (["1"], ["queued", "waiting"])
    assert url.startswith("http://testserver/api/v1/jobs?")
    assert len(walk(reader, reader.get("/jobs", limit=1, state="queued"))) == 3


@pytest.mark.parametrize("path", ["/connections", "/pools", "/nodes", "/jobs"])
def test_every_list_pages(reader, team, connection, path):
    for _ in range(3):
        a_job(connection), a_node(), a_pool(team, [a_connection(team)])
    pages = walk(reader, reader.get(path, limit=2))
    assert len(pages) > 1
    assert sum(map(len, pages)) == len({pk for page in pages for pk in page})


@pytest.mark.parametrize(
    "field, value", [("older", "x"), ("older", "0"), ("older", str(2**63)), ("limit", "0")]
)
def test_a_key_that_is_none_is_told(reader, field, value):
    answer = reader.get("/jobs", **{field: value})
    answer.problem(422)
    assert list(answer.said["errors"]) == [field]


def test_a_page_has_at_most_two_hundred(reader):
    reader.get("/jobs", limit=201).problem(422)


@pytest.mark.parametrize(
    "path", [path for path in ("/connections", "/pools", "/nodes", "/jobs", "/vms", "/events", "/ledger")]
)
def test_a_parameter_that_a_list_has_not_is_refused_by_name(reader, path):
    answer = reader.get(path, zork=1)
    assert "zork" in answer.problem(422)
    parameters = description()["paths"][f"/api/v1{path}"]["get"]["parameters"]
    assert all(parameter["name"] in answer.said["detail"] for parameter in parameters)
