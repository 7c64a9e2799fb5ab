"""Spending limits by the API."""

import pytest

from billing.models import SpendingLimit
from tests.builders import a_limit, a_pool

pytestmark = pytest.mark.django_db


def test_a_limit_from_beginning_to_end(writer, team):
    pool = a_pool(team)
    made = writer.post("/limits", scope="pool", pool=pool.pk, period="day", amount="25")
    assert made.status == 201, made.said
    shown = made.said
    assert (shown["pool"], shown["amount"], shown["spent"]) == (pool.pk, "25.0000000", "0.0000000")
    assert (shown["stops"], shown["reached"], shown["repository"]) == (True, False, "")
    assert writer.get("/limits").said["items"] == [shown]
    changed = writer.patch(f"/limits/{shown['id']}", stops=False).said
    assert (changed["amount"], changed["stops"]) == ("25.0000000", False)
    assert writer.get(f"/limits/{shown['id']}").said == changed
    assert writer.delete(f"/limits/{shown['id']}").status == 200
    assert writer.get("/limits").said["items"] == []


def test_one_per_job_has_no_period_that_is_used(writer):
    shown = writer.post("/limits", scope="team", period="job", amount="1").said
    assert (shown["spent"], shown["renews_at"], shown["reached"]) == (None, None, False)


@pytest.mark.parametrize(
    "body, status, field",
    [
        ({"scope": "pool", "period": "day", "amount": "1"}, 422, "pool"),
        ({"scope": "pool", "pool": 999, "period": "day", "amount": "1"}, 422, "pool"),
        ({"scope": "repository", "period": "day", "amount": "1"}, 422, "repository"),
        ({"scope": "team", "period": "year", "amount": "1"}, 422, "period"),
        ({"scope": "team", "period": "day", "amount": "0"}, 422, "amount"),
        ({"scope": "team", "period": "month", "amount": "1"}, 409, None),
    ],
)
def test_what_is_wrong_names_its_field(writer, team, body, status, field):
    a_limit(team, period="month")
    answer = writer.post("/limits", **body)
    assert answer.status == status
    assert field is None or field in answer.said["errors"]
    assert SpendingLimit.objects.count() == 1


def test_another_teams_is_not_there(other, team):
    limit = a_limit(team)
    assert other.get(f"/limits/{limit.pk}").status == 404
    assert other.delete(f"/limits/{limit.pk}").status == 404
