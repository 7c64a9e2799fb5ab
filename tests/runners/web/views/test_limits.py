"""The page of spending limits, and its forms."""

import pytest

from billing import ledger
from billing.models import SpendingLimit
from tests.builders import NOON, a_job, a_limit, a_pool, a_wallet
from tests.people import client_of
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool():
    return a_pool(name="linux")


def post(team, page, role="admin", **sent):
    address = f"/t/{team.slug}/spend/limits/{page}"
    return client_of(role, team).post(address, {"stops": "stop", **sent}, follow=True)


def test_it_is_empty_with_what_to_do_next(pool):
    page = client_of("admin", pool.team).get(f"/t/{pool.team.slug}/spend/limits/").text
    assert "No spending limits" in page and "New limit" in page
    assert "New limit" not in client_of("viewer", pool.team).get(f"/t/{pool.team.slug}/spend/limits/").text


def test_it_shows_how_much_of_each_is_used(pool, time_machine):
    time_machine.move_to(NOON, tick=False)
    wallet = a_wallet(pool.team)
    ledger.charge(wallet, "spent", Tft.parse("6.2"), NOON, use="job", pool_id=pool.pk, pool="linux")
    a_limit(pool.team, scope="pool", pool_id=pool.pk)
    a_limit(pool.team, "6", stops=False)
    a_limit(pool.team, "1", period="job")
    page = client_of("viewer", pool.team).get(f"/t/{pool.team.slug}/spend/limits/").text
    assert "6.2000000" in page and "62 %" in page
    assert "103 %" in page and "Warns only" in page
    assert "each job" in page


@pytest.mark.parametrize(
    "target, kind",
    [
        ("team", ("team", None, "")),
        ("pool:POOL", ("pool", "POOL", "")),
        ("repository:ACME/app", ("repository", None, "acme/app")),
        ("repository:acme/new", ("repository", None, "acme/new")),
    ],
)
def test_one_is_set(pool, target, kind):
    a_job(pool.connections.first(), repository="acme/app")
    answer = post(pool.team, "new/", target=target.replace("POOL", str(pool.pk)), period="day", amount="2.5")
    assert "The limit is set." in answer.text
    limit = SpendingLimit.objects.get()
    pool_id = pool.pk if kind[1] else None
    assert (limit.scope, limit.pool_id, limit.repository) == (kind[0], pool_id, kind[2])
    assert (str(limit.amount), limit.stops) == ("2.5000000", True)


@pytest.mark.parametrize(
    "sent, says",
    [
        ({"amount": "0"}, "Enter more than 0"),
        ({"amount": "-1"}, "Enter more than 0"),
        ({"amount": "a lot"}, "Enter a number of TFT"),
        ({"amount": "99999999999"}, "Enter more than 0"),
        ({"target": "pool:999999"}, "Choose the whole team"),
        ({"target": "pool:x"}, "Choose the whole team"),
        ({"target": "repository:acme"}, "is not a repository"),
        ({"target": "moon"}, "Choose the whole team"),
        ({"period": "year"}, "Select a valid choice"),
        ({"stops": ""}, "This field is required"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(pool, sent, says):
    good = {"target": "team", "period": "day", "amount": "5"}
    answer = post(pool.team, "new/", **good | sent)
    assert answer.status_code == 422 and says in answer.text
    assert not SpendingLimit.objects.exists()


def test_a_second_one_for_the_same_is_refused(pool):
    a_limit(pool.team)
    answer = post(pool.team, "new/", target="team", period="day", amount="5")
    assert "There is already a limit" in answer.text


def test_it_is_changed_and_deleted_with_a_question(pool):
    limit = a_limit(pool.team)
    page = client_of("admin", pool.team).get(f"/t/{pool.team.slug}/spend/limits/{limit.pk}/edit/").text
    assert 'value="10"' in page
    post(pool.team, f"{limit.pk}/edit/", amount="0.0000001", stops="warn")
    limit.refresh_from_db()
    assert (limit.amount, limit.stops) == (Tft(1), False)
    asked = client_of("admin", pool.team).get(f"/t/{pool.team.slug}/spend/limits/{limit.pk}/delete/").text
    assert "Delete this spending limit?" in asked
    assert "The limit is deleted." in post(pool.team, f"{limit.pk}/delete/").text
    assert not SpendingLimit.objects.exists()


def test_another_teams_is_not_there(pool):
    limit = a_limit(a_pool().team)
    assert post(pool.team, f"{limit.pk}/edit/", amount="1").status_code == 404
    assert post(pool.team, f"{limit.pk}/delete/").status_code == 404
