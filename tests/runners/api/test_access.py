"""Who may call what: read token, write token, another team's token, none."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.builders import a_job, a_node, a_pool, a_twin, a_vm, an_org
from tests.people import client_of
from tests.runners.api.scripts import Script, description
from tfci.accounts import tokens
from tfci.accounts.models import Token

pytestmark = pytest.mark.django_db

READS = ["/orgs", "/pools", "/nodes", "/jobs", "/vms", "/events", "/wallet", "/ledger"]
NEW_LINK = {"forge": "gitea", "url": "nonsense", "name": "acme", "token": "t"}


@pytest.fixture
def rows(team):
    """One row of each kind, by the word that paths below have for it."""
    a_twin()
    org = an_org(team)
    pool = a_pool(team, [org])
    return {
        "org": org.pk,
        "pool": pool.pk,
        "vm": a_vm("standby", pool).pk,
        "job": a_job(org, pool=pool).pk,
        "node": a_node().node_id,
    }


ONES = ["/orgs/{org}", "/pools/{pool}", "/nodes/{node}", "/jobs/{job}", "/vms/{vm}"]
WRITES = [  # what a write token gets, which need not be a success: the right comes first
    ("POST", "/orgs", NEW_LINK, 422),
    ("PATCH", "/orgs/{org}", {"token": ""}, 422),
    ("POST", "/orgs/{org}/check", None, 200),
    ("DELETE", "/orgs/{org}", None, 202),
    ("POST", "/pools", {"name": "new", "orgs": []}, 422),
    ("PATCH", "/pools/{pool}", {"max_vms": 3}, 200),
    ("DELETE", "/pools/{pool}", None, 202),
    ("DELETE", "/vms/{vm}", None, 202),
]


@pytest.mark.parametrize("path", [*READS, *ONES])
@pytest.mark.parametrize("scope", ["read", "write"])
def test_both_scopes_read(team, rows, path, scope):
    assert Script(team, scope).get(path.format(**rows)).status == 200


@pytest.mark.parametrize("method, path, said, status", WRITES)
def test_a_write_token_changes(writer, rows, method, path, said, status):
    assert writer.call(method, path.format(**rows), said).status == status


@pytest.mark.parametrize("method, path, said, _", WRITES)
def test_a_read_token_changes_nothing_and_learns_what_would(reader, rows, method, path, said, _):
    answer = reader.call(method, path.format(**rows), said)
    assert "Make a token with the scope write" in answer.problem(403)


@pytest.mark.parametrize("path", [path for path in ONES if path != "/nodes/{node}"])
def test_what_is_another_teams_is_not_there(other, rows, path):
    assert other.get(path.format(**rows)).problem(404)


@pytest.mark.parametrize("method, path, said, _", [row for row in WRITES if "{" in row[1]])
def test_another_team_changes_nothing(other, rows, method, path, said, _):
    assert other.call(method, path.format(**rows), said).problem(404)


@pytest.mark.parametrize("path", READS)
def test_another_team_sees_none_of_it(other, rows, path):
    said = other.get(path).said
    if path == "/nodes":
        assert said["items"]
    elif path == "/wallet":
        assert said["per_hour"] == "0.0000000"
    else:
        assert said["items"] == []


@pytest.mark.parametrize(
    "method, path", [("GET", path) for path in [*READS, *ONES]] + [(row[0], row[1]) for row in WRITES]
)
def test_without_a_token_one_is_told_how_to_get_one(rows, method, path):
    answer = Script().call(method, path.format(**rows), {})
    assert "Authorization: Bearer" in answer.problem(401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer fh_wrong", "Basic YTpi", "token x", "é"])
def test_a_header_that_is_no_live_token_is_none(header):
    response = Script().client.get("/api/v1/jobs", headers={"Authorization": header})
    assert response.status_code == 401


def test_a_revoked_token_is_none(team, reader):
    tokens.revoke(reader.token, "somebody", timezone.now())
    reader.get("/jobs").problem(401)


def test_a_session_in_the_browser_is_no_token(team):
    signed_in = Script()
    signed_in.client = client_of("owner", team)
    signed_in.get("/jobs").problem(401)


def test_use_of_a_token_is_noted_at_most_once_a_minute(reader):
    reader.get("/jobs")
    first = Token.objects.get(pk=reader.token.pk).last_used_at
    assert timezone.now() - first < timedelta(minutes=1)
    reader.get("/jobs")
    assert Token.objects.get(pk=reader.token.pk).last_used_at == first


def test_every_operation_asks_for_a_token():
    operations = [operation for path in description()["paths"].values() for operation in path.values()]
    assert operations
    assert all(operation["security"] == [{"Bearer": []}] for operation in operations)
