"""The ThreeFold Grid's proxy, over real sockets: whole lists or none."""

import pytest

from tests.counterparts.gridproxy import GridProxy
from tfci.core.http_client import Policy
from tfci.grid.drivers.threefold import proxy
from tfci.grid.drivers.threefold.proxy import NETWORKS, Proxy, addresses
from tfci.grid.ports import Unavailable

POLICY = Policy(allow_private=True)
GIB = 2**30


@pytest.fixture
def grid():
    grid = GridProxy(count=60)
    yield grid
    grid.stop()


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(proxy, "PAGE", 7)


def read(*grids):
    return Proxy([grid.url for grid in grids], POLICY)


def test_every_network_has_its_proxy_and_one_that_stands_in():
    assert addresses("main") == ("https://gridproxy.grid.tf", "https://gridproxy.02.grid.tf")
    assert addresses("dev") == ("https://gridproxy.dev.grid.tf", "https://gridproxy.02.dev.grid.tf")
    assert len({addresses(network) for network in NETWORKS}) == 4


def test_all_nodes_and_farms_are_read_page_by_page_each_once(grid, small_pages):
    nodes = list(read(grid).nodes())
    assert [node.node_id for node in nodes] == list(range(1, 61))
    assert {farm.farm_id for farm in read(grid).farms()} == {farm["farmId"] for farm in grid.farms}
    assert sum(path.startswith("/nodes") for path in grid.asked) == 9


def test_a_node_is_read_into_our_units(grid):
    grid.nodes[0] |= {
        "status": "standby",
        "healthy": True,
        "total_resources": {"cru": 8, "mru": 32 * GIB, "sru": 500 * GIB, "hru": 10 * GIB},
        "used_resources": {"cru": 9, "mru": 2 * GIB + 1, "sru": 1, "hru": 0},
        "speed": {"upload": 1.5e8, "download": 2.5e8},
        "num_gpu": 1,
    }
    node = next(read(grid).nodes())
    assert (node.up, node.standby, node.healthy) == (False, True, True)
    assert (node.free_cru, node.used_mru, node.free_mru, node.free_sru) == (0, 2049, 30719, 499)
    assert (node.total_hru, node.num_gpu, node.upload, node.download) == (10, 1, 150_000_000, 250_000_000)


@pytest.mark.parametrize("shifts", [1, 3])
def test_pages_that_shift_meanwhile_lose_no_node_and_double_none(grid, small_pages, shifts):
    with grid.with_faults(shift_after=shifts):
        found = [node.node_id for node in read(grid).nodes()]
    assert found == [node["nodeId"] for node in grid.nodes]


def test_pages_that_never_rest_are_no_list(grid, small_pages):
    with grid.with_faults(shift_after=1000), pytest.raises(Unavailable, match="shifted"):
        read(grid).nodes()


def test_the_second_address_answers_where_the_first_does_not(grid):
    other = GridProxy(count=20)
    try:
        with grid.with_faults(down=True):
            assert len(list(read(grid, other).nodes())) == 20
    finally:
        other.stop()


@pytest.mark.parametrize(
    "fault, said",
    [
        ({"down": True}, "did not answer"),
        ({"no_json": True}, "not JSON"),
        ({"slow": 1.0}, "in time"),
    ],
)
def test_where_no_address_answers_it_says_why(grid, fault, said, monkeypatch):
    monkeypatch.setattr(proxy, "TIMEOUT", 0.3)
    with grid.with_faults(**fault), pytest.raises(Unavailable, match=said):
        read(grid).nodes()


def test_fields_that_are_new_to_us_are_left_alone(grid):
    with grid.with_faults(unknown_fields=True):
        assert len(list(read(grid).nodes())) == 60


@pytest.mark.parametrize("broken", [{"farmId": None}, {"status": None}, {"total_resources": "much"}])
def test_a_node_of_another_shape_is_said_and_not_guessed(grid, broken):
    grid.nodes[3] |= broken
    with pytest.raises(Unavailable, match="shape"):
        read(grid).nodes()


def test_a_proxy_that_counts_nothing_is_not_believed(grid, monkeypatch):
    monkeypatch.setattr("tests.counterparts.gridproxy.params.page", lambda rows, asked: ({}, rows))
    with pytest.raises(Unavailable, match="how many"):
        read(grid).nodes()
