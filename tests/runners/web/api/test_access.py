"""What a token opens, and what is said to who has none. Each operation by each token: tests/rights.py."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.builders import a_connection, a_job, a_pool, a_twin, a_vm
from tests.runners.web.api.scripts import Script, description
from tfci.accounts import tokens
from tfci.accounts.models import Token

pytestmark = pytest.mark.django_db

LISTS = ["/connections", "/pools", "/jobs", "/vms", "/events", "/ledger"]


@pytest.fixture
def rows(team):
    """One of each kind."""
    a_twin()
    connection = a_connection(team)
    pool = a_pool(team, [connection])
    a_vm("standby", pool)
    a_job(connection, pool=pool)
    return pool


def test_a_read_token_learns_what_would_change_things(reader, rows):
    assert "Create a token with the scope write" in reader.delete(f"/pools/{rows.pk}").problem(403)


@pytest.mark.parametrize("path", LISTS)
def test_another_team_sees_none_of_it(other, rows, path):
    assert other.get(path).items == []


def test_another_team_pays_for_none_of_it(other, rows):
    assert other.get("/wallet").said["per_hour"] == "0.0000000"


def test_without_a_token_one_is_told_how_to_get_one():
    answer = Script().get("/jobs")
    assert "Authorization: Bearer" in answer.problem(401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer fh_wrong", "Basic YTpi", "token x", "é"])
def test_a_header_that_is_no_live_token_is_none(header):
    response = Script().client.get("/api/v1/jobs", headers={"Authorization": header})
    assert response.status_code == 401


def test_a_revoked_token_is_none(team, reader):
    tokens.revoke(reader.token, "somebody", timezone.now())
    reader.get("/jobs").problem(401)


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
