"""Pools whose jobs may run on each other's VMs: which are named, and which are not."""

import pytest

from runners.models import Pool
from runners.pools import overlaps
from runners.pools.overlaps import Difference
from tests.builders import NOON, a_connection, a_pool, a_team

pytestmark = pytest.mark.django_db
ELSEWHERE = {"nodes": {"ids": [1984]}}


@pytest.fixture
def connection():
    return a_connection()


def found(pool):
    return [(one.other.name, one.lends, one.borrows) for one in overlaps.find(pool, pool.connections.all())]


@pytest.mark.parametrize(
    ("own", "others", "lends", "borrows"),
    [
        ([], [], True, True),
        (["Fast"], ["fast"], True, True),
        (["a", "b"], ["a"], True, False),
        ([], ["a"], False, True),
        (["a"], ["b"], None, None),
    ],
)
def test_a_pool_with_the_same_labels_and_other_nodes_is_named(connection, own, others, lends, borrows):
    pool = a_pool(connection.team, [connection], anchors=own)
    a_pool(connection.team, [connection], name="other", anchors=others, **ELSEWHERE)
    assert found(pool) == ([] if lends is None else [("other", lends, borrows)])


@pytest.mark.parametrize(
    ("fields", "difference"),
    [
        (ELSEWHERE, [Difference.NODES]),
        ({"nodes": {"rule": {"certified": True}}}, [Difference.NODES]),
        ({"nodes": {"rule": {"max_price": "0.5"}}}, [Difference.MAX_PRICE]),
        ({"protection": "none"}, [Difference.PROTECTION]),
        ({"max_vms": 3, "nodes": {"ids": [], "rule": {"pack": True}}}, []),
    ],
)
def test_only_what_a_rule_forbids_counts(connection, fields, difference):
    pool = a_pool(connection.team, [connection])
    a_pool(connection.team, [connection], **fields)
    assert [kind for one in overlaps.find(pool, [connection]) for kind in one.differences] == difference


def test_a_forge_that_binds_each_runner_to_its_job_mixes_nothing():
    connection = a_connection(forge="forgejo")
    pool = a_pool(connection.team, [connection])
    a_pool(connection.team, [connection], **ELSEWHERE)
    assert found(pool) == []


def test_pools_of_other_connections_and_teams_and_closed_ones_are_left_out(connection):
    pool = a_pool(connection.team, [connection])
    a_pool(connection.team, [a_connection(connection.team)], **ELSEWHERE)
    a_pool(a_team(), [connection], **ELSEWHERE)
    a_pool(connection.team, [connection], closing_at=NOON, **ELSEWHERE)
    assert found(pool) == []


def test_a_pool_that_is_not_saved_yet_is_compared_too(connection):
    a_pool(connection.team, [connection], name="other", **ELSEWHERE)
    assert [one.other.name for one in overlaps.find(Pool(team=connection.team), [connection])] == ["other"]
