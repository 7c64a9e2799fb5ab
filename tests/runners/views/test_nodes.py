"""The node finder."""

import pytest
from django.urls import reverse

from tests.builders import a_node
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def find(house):
    client = client_of("owner", house.team)
    return lambda **query: client.get(reverse("nodes", args=[house.team.slug]), query)


def numbers(answer):
    return {row.node.node_id for row in answer.context["rows"]}


@pytest.mark.parametrize(
    "query",
    [
        {"country": "chile"},
        {"region": "Americas"},
        {"farm": "7"},
        {"node": "4711"},
        {"certified": "true"},
        {"min_ram": "200"},
        {"min_ssd": "3000"},
        {"min_cpu": "60"},
        {"up": "false"},
    ],
)
def test_each_filter_finds_the_one_node_that_keeps_it(find, query):
    place = {"country": "Chile", "region": "Americas", "farm_id": 7, "certified": True, "up": False}
    room = {"free_cru": 64, "total_cru": 64, "free_mru": 262144, "free_sru": 4000}
    a_node(node_id=4711, **place, **room)
    assert numbers(find(**query)) == {4711}


def test_nodes_that_are_down_are_listed_when_somebody_asks_for_them(find):
    a_node(node_id=4711, up=False)
    assert 4711 not in numbers(find())
    assert 4711 in numbers(find(up="unknown", healthy="unknown"))
    assert 4711 in numbers(find(node="4711"))


def test_a_price_at_most_leaves_the_dearer_certified_nodes_out(find):
    dear = a_node(certified=True).node_id
    plain, certified = find().context["form"].prices().values()
    assert dear in numbers(find(max_price=str(certified)))
    assert dear not in numbers(find(max_price=str(plain)))


def test_a_minute_is_priced_in_tft_and_in_dollars(find):
    row = find(size="small").context["rows"][0]
    an_hour = find().context["form"].prices()[row.node.certified]
    assert row.minute == an_hour.share(1, 60)
    assert 0 < row.dollars < 1


def test_what_makes_no_sense_is_said_and_finds_nothing(find):
    answer = find(size="huge", min_ram="-1")
    assert numbers(answer) == set()
    assert "“huge” is not a size" in answer.text


def test_our_record_of_a_node_stands_beside_the_grids_facts(find, now):
    a_node(
        node_id=12, deploys=3, failures=1, boot_ms=[4000], last_failure_at=now, last_failure_why="no answer"
    )
    page = find(node="12").text
    for words in ("75.0 %", "3 of 4", "4.0 s", "no answer"):
        assert words in page


def test_ticked_nodes_become_the_choice_of_a_new_pool(house):
    node = a_node()
    page = client_of("owner", house.team).get(
        reverse("pool_new", args=[house.team.slug]), {"node": node.node_id}
    )
    assert page.context["form"].initial["node_ids"] == [node.node_id]
    assert len(page.context["fit"].in_play) == 1


def test_a_viewer_is_not_offered_a_pool(house):
    page = client_of("viewer", house.team).get(reverse("nodes", args=[house.team.slug])).text
    assert "Make a pool" not in page
