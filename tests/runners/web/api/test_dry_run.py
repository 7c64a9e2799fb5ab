"""A pool's dry run by API."""

import pytest

from runners.models import VM
from tests.builders import a_node, a_pool, a_price, a_wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(team):
    a_price()
    a_wallet(team, tft="10")
    return a_pool(team)


def test_it_says_what_would_be_sent_and_what_would_wait(reader, pool):
    a_node(node_id=5, country="Belgium")
    said = reader.get(f"/pools/{pool.pk}/dry-run", jobs=5).said
    assert said["sent"] == 4 * [
        {
            "size": "2cpu8gbram50gbssd",
            "purpose": "imagined",
            "node_id": 5,
            "country": "Belgium",
            "price_per_hour": "2.1250000",
            "usd_per_hour": "0.0212500",
        }
    ]
    assert said["price_per_hour"] == "8.5000000"
    assert [waiting["reason"]["code"] for waiting in said["waiting"]] == ["balance"]
    assert "vms_count: 4" in said["tfrobot"]
    assert not VM.objects.exists()


def test_without_a_wish_there_is_nothing(reader, pool):
    said = reader.get(f"/pools/{pool.pk}/dry-run").said
    assert (said["sent"], said["tfrobot"], said["held"]) == ([], None, [])


def test_a_size_that_the_pool_has_not_is_refused(reader, pool):
    assert "largest size has 16" in reader.get(f"/pools/{pool.pk}/dry-run", size="32x").problem(422)
    assert reader.get(f"/pools/{pool.pk}/dry-run", jobs=101).problem(422)


def test_another_teams_pool_is_not_there(other, pool):
    assert other.get(f"/pools/{pool.pk}/dry-run").problem(404)
