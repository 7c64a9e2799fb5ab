"""Nodes by API: the grid's facts, our record, the price of a VM, and the filters."""

import pytest

from billing import quotes
from runners.jobs.labels import NAMED
from runners.reasons.retirements import NodeDrained
from runners.reasons.vm_ends import DiedStarting
from runners.web.api.schemas import reason_shown
from tests.builders import NOON, a_node, a_pool, a_price, a_vm
from tfci.grid.models import Node

pytestmark = pytest.mark.django_db


@pytest.fixture
def nodes():
    """Two that differ in everything."""
    belgian = a_node(
        node_id=1,
        farm_id=7,
        **{"country": "Belgium", "region": "Europe", "city": "Gent", "certified": True},
        **{"free_cru": 16, "free_mru": 65536, "free_sru": 1000},
    )
    belgian.farm.name = "Gentfarm"
    belgian.farm.save()
    chilean = a_node(
        node_id=2,
        farm_id=8,
        **{"country": "Chile", "region": "Americas", "up": False, "healthy": False},
        **{"free_cru": 1, "free_mru": 1024, "free_sru": 10},
    )
    return belgian, chilean


def test_a_node_has_the_grids_facts_and_our_record(reader, nodes):
    a_price()
    node = nodes[0]
    node.deploys, node.failures, node.deploy_ms, node.boot_ms = 3, 1, [1000, 3000, 2000], [500]
    node.last_failure_at, node.last_failure = NOON, DiedStarting.code
    node.rentable, node.num_gpu, node.free_ips = True, 1, 4
    node.uptime, node.download = 86_400, 250_000_000
    node.save()
    price = quotes.per_hour(NAMED["small"], quotes.prices("simulated"), certified=True)
    assert reader.get("/nodes/1").said == {
        "id": 1,
        "farm": {"id": 7, "name": "Gentfarm"},
        "country": "Belgium",
        "region": "Europe",
        "city": "Gent",
        "up": True,
        "healthy": True,
        "certified": True,
        "dedicated": False,
        "rented": False,
        "rentable": True,
        "standby": False,
        "gateway": False,
        "ipv6": False,
        "num_gpu": 1,
        "free_ips": 4,
        "uptime": 86_400,
        "upload": 0,
        "download": 250_000_000,
        "total": {"cpu": 32, "ram": 128, "ssd": 2000},
        "free": {"cpu": 16, "ram": 64, "ssd": 1000},
        "price_per_hour": str(price),
        "record": {
            "deploys": 3,
            "failures": 1,
            "deploy_ms": 2000,
            "boot_ms": 500,
            "last_failure_at": "2026-06-01T12:00:00.000Z",
            "last_failure": reason_shown(DiedStarting()),
            "blocked_until": None,
        },
        "seen_at": "2026-06-01T12:00:00.000Z",
        "drained_at": None,
    }


@pytest.mark.parametrize(
    "asked",
    [
        {"country": "belgium"},
        {"region": "europe"},
        {"farm": "7"},
        {"farm": "gent"},
        {"certified": "true"},
        {"up": "true"},
        {"healthy": "true"},
        {"min_cpu": 16},
        {"min_ram": 64},
        {"min_ssd": 1000},
        {"country": "Belgium", "min_ram": 1},
        {"fits": "true", "certified": "true"},
    ],
)
def test_each_filter_keeps_the_node_that_has_it(reader, nodes, asked):
    assert reader.get("/nodes", **asked).ids == [1]


def test_filters_may_ask_for_what_is_not_so(reader, nodes):
    assert reader.get("/nodes", up="false").ids == [2]
    assert reader.get("/nodes", certified="false").ids == [2]


def test_the_price_is_of_the_size_that_is_asked_for(reader, nodes):
    a_price()
    prices = {item["id"]: item["price_per_hour"] for item in reader.get("/nodes", size="8x").items}
    for node_id, certified in ((1, True), (2, False)):
        price = quotes.per_hour(NAMED["xlarge"], quotes.prices("simulated"), certified=certified)
        assert prices[node_id] == str(price)


def test_the_dearer_are_left_out(reader, nodes):
    a_price()
    price = quotes.per_hour(NAMED["small"], quotes.prices("simulated"), certified=False)
    assert reader.get("/nodes", max_price=str(price)).ids == [2]
    assert reader.get("/nodes", max_price="1000").ids == [2, 1]
    assert reader.get("/nodes", max_price=str(price), size="xlarge").ids == []


def test_no_price_is_known_before_the_grid_was_read(reader, nodes):
    assert {item["price_per_hour"] for item in reader.get("/nodes").items} == {None}


@pytest.mark.parametrize(
    "field, value",
    [
        ("size", "huge"),
        ("max_price", "cheap"),
        ("max_price", "0.00000001"),
        ("min_cpu", "-1"),
        ("min_ram", "much"),
        ("up", "perhaps"),
        ("country", "a\x00"),
        ("zork", "1"),
    ],
)
def test_a_filter_that_makes_no_sense_is_told(reader, field, value):
    answer = reader.get("/nodes", **{field: value})
    answer.problem(422)
    assert list(answer.said["errors"]) == [field]


def test_a_node_of_another_grid_is_not_there(reader):
    a_node(node_id=9, network="main")
    reader.get("/nodes/9").problem(404)
    assert reader.get("/nodes").items == []


@pytest.mark.parametrize("farm", ["99999999999999999999", "²", "٣"])
def test_a_farm_may_be_any_text(reader, nodes, farm):
    assert reader.get("/nodes", farm=farm).items == []


def test_a_node_is_drained_and_used_again(writer, nodes, sent):
    assert writer.post("/nodes/1/drain").said["drained_at"]
    assert {item["id"] for item in writer.get("/nodes").items if item["drained_at"]} == {1}
    assert writer.get("/nodes/2").said["drained_at"] is None
    assert writer.delete("/nodes/1/drain").said["drained_at"] is None


def test_what_stands_by_there_goes(writer, nodes, sent):
    vm = a_vm("standby", a_pool(writer.team), node=Node.objects.get(node_id=1))
    writer.post("/nodes/1/drain")
    vm.refresh_from_db()
    assert vm.typed_retire_reason == NodeDrained("node 1")
    assert writer.post("/nodes/404/drain").problem(404)
