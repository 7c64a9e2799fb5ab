from collections import Counter
from dataclasses import replace

import pytest

from practice.grid.landscape import KEPT_SRU, kept_mru, landscape


@pytest.fixture(scope="module")
def nodes():
    return list(landscape(13, 2000).values())


def test_the_same_seed_gives_the_same_nodes(nodes):
    assert list(landscape(13, 2000).values()) == nodes


def test_another_seed_gives_others(nodes):
    assert list(landscape(14, 2000).values()) != nodes


def test_there_are_as_many_as_asked_numbered_from_one():
    assert list(landscape(13, 6000)) == list(range(1, 6001))


def test_no_node_gives_more_than_it_has(nodes):
    for node in nodes:
        assert kept_mru(node.mru) <= node.used_mru <= node.mru
        assert KEPT_SRU <= node.used_sru <= node.sru
        assert 0 <= node.used_cru <= node.cru


def test_most_nodes_are_up_and_some_are_not(nodes):
    up = sum(node.up for node in nodes) / len(nodes)
    assert 0.8 < up < 0.95
    assert all(node.up for node in nodes if node.healthy)


def test_farms_differ_in_size_and_place(nodes):
    sizes = Counter(node.farm.farm_id for node in nodes)
    assert max(sizes.values()) > 10 * min(sizes.values())
    assert len({node.farm.place.country for node in nodes}) > 20
    assert len({node.farm.place.region for node in nodes}) == 5


def test_a_certified_node_is_listed_a_quarter_dearer(nodes):
    plain = next(node for node in nodes if not node.farm.certified)
    certified = replace(plain, farm=replace(plain.farm, certified=True))
    assert certified.price_usd == pytest.approx(plain.price_usd * 1.25, abs=0.01)


def test_a_common_node_is_listed_at_what_its_units_cost(nodes):
    node = next(node for node in nodes if node.cru == 8 and not node.farm.certified)
    memory, disk = node.mru / 2**30, node.sru / 2**30
    assert node.price_usd == pytest.approx((memory / 4 * 0.01 + disk / 200 * 0.005) * 720, abs=0.01)
