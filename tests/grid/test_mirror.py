"""The mirror of the grid's nodes, and what it tells of their changes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from tests.builders import NOON, a_node
from tfci.grid import nodes
from tfci.grid.models import Node, NodeChange
from tfci.grid.ports import FarmSeen, NodeSeen

pytestmark = pytest.mark.django_db

FARM = FarmSeen(1, "Freefarm")
LATER = NOON + timedelta(minutes=5)
SEEN = NodeSeen(
    **{"node_id": 11, "farm_id": 1, "farm_name": "Freefarm", "country": "Belgium", "region": "Europe"},
    **{"city": "Ghent", "up": True, "healthy": True, "certified": False, "dedicated": False},
    **{"total_cru": 8, "total_mru": 32768, "total_sru": 500, "used_cru": 1, "used_mru": 1024, "used_sru": 10},
    **{"free_cru": 7, "free_mru": 31744, "free_sru": 490, "price_usd": 20.4},
)


def mirror(*seen, at=NOON):
    return nodes.mirror("simulated", [FARM], seen, at)


def told():
    return [(change.kind, change.was, change.now) for change in nodes.changes("simulated")]


def test_the_first_reading_is_no_news():
    assert mirror(SEEN) == 1
    assert told() == []


@pytest.mark.parametrize("fact", ["up", "healthy"])
def test_a_node_that_goes_down_and_comes_up_is_told(fact):
    mirror(SEEN)
    mirror(replace(SEEN, **{fact: False}), at=LATER)
    mirror(replace(SEEN, **{fact: False}), at=LATER + timedelta(minutes=1))
    mirror(SEEN, at=LATER + timedelta(minutes=2))
    assert told() == [("up", None, None), ("down", None, None)]


def test_another_price_is_told_with_both():
    mirror(SEEN)
    mirror(replace(SEEN, price_usd=25.5), at=LATER)
    assert told() == [("price", 20.4, 25.5)]


def test_a_node_that_is_no_longer_listed_has_left_once_and_takes_nothing():
    mirror(SEEN)
    mirror(at=LATER)
    mirror(at=LATER + timedelta(minutes=5))
    node = Node.objects.get(node_id=11)
    assert (told(), node.up, node.left_at) == ([("left", None, None)], False, LATER)
    mirror(SEEN, at=LATER + timedelta(hours=1))
    node.refresh_from_db()
    assert (node.left_at, told()[0][0]) == (None, "up")


def test_our_own_record_of_a_node_outlives_the_mirror():
    mirror(SEEN)
    pk = Node.objects.get(node_id=11).pk
    nodes.record_success(pk, deploy_ms=900)
    nodes.mark_opted_out(pk, NOON)
    mirror(SEEN, at=LATER)
    node = Node.objects.get(node_id=11)
    assert (node.deploys, node.opted_out_at) == (1, NOON)


def test_a_node_that_has_opted_out_or_is_rented_takes_no_vm():
    a_node(node_id=1, opted_out_at=NOON)
    a_node(node_id=2, rented=True)
    a_node(node_id=3)
    assert [node.node_id for node in nodes.fitting("simulated", 2, 8, 50, NOON)] == [3]


def test_changes_are_forgotten_after_a_week():
    mirror(SEEN)
    mirror(at=LATER)
    mirror(at=LATER + timedelta(days=8))
    assert NodeChange.objects.count() == 0


def test_a_node_that_tells_nothing_new_is_seen_and_not_written_anew():
    mirror(SEEN, replace(SEEN, node_id=12))
    mirror(replace(SEEN, features=("mycelium",)), replace(SEEN, node_id=12), at=LATER)
    assert set(Node.objects.values_list("node_id", "seen_at")) == {(11, LATER), (12, LATER)}
    assert Node.objects.get(node_id=11).features == ["mycelium"]
    with CaptureQueriesContext(database) as said:
        mirror(
            replace(SEEN, features=("mycelium",)), replace(SEEN, node_id=12), at=LATER + timedelta(hours=1)
        )
    assert not [query for query in said if 'INSERT INTO "grid_node"' in query["sql"]]
    assert {node.seen_at for node in Node.objects.all()} == {LATER + timedelta(hours=1)}
