"""The stub proxy is as strict as the real one."""

import json
import urllib.error
import urllib.request

import pytest

from tests.counterparts.gridproxy import GridProxy


@pytest.fixture(scope="module")
def grid():
    grid = GridProxy(count=30)
    yield grid
    grid.stop()


def ask(grid, path):
    try:
        with urllib.request.urlopen(grid.url + path, timeout=10) as answer:  # noqa: S310  our own
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.headers, None


@pytest.mark.parametrize(
    "path",
    ["/nodes?free_cru=4", "/nodes?size=many", "/nodes?healthy=yes", "/nodes?size=0", "/farms?status=up"],
)
def test_what_it_does_not_know_is_refused(grid, path):
    assert ask(grid, path)[0] == 400


def test_it_counts_only_where_it_is_asked_to(grid):
    _, headers, rows = ask(grid, "/nodes?size=7&page=5&ret_count=true")
    assert (headers["count"], headers["size"], headers["pages"], len(rows)) == ("30", "7", "5", 2)
    assert "count" not in ask(grid, "/nodes")[1]


def test_the_same_seed_makes_the_same_grid(grid):
    other = GridProxy(count=30)
    other.stop()
    assert other.nodes == grid.nodes


def test_filters_narrow(grid):
    rows = ask(grid, "/nodes?status=up,standby&healthy=true")[2]
    assert rows
    assert all(row["status"] in ("up", "standby") and row["healthy"] for row in rows)
