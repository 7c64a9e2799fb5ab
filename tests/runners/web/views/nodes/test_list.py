"""The node finder."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from django.urls import reverse
from django.utils import timezone

from runners.reasons.vm_ends import DiedStarting
from runners.web.views.nodes import list
from tests.builders import NOON, a_load, a_node, a_selection, a_team
from tests.people import client_of
from tfci.accounts.models import AuditEntry
from tfci.core.reasons import columns
from tfci.core.tft import Tft
from tfci.grid import selections
from tfci.grid.models import NodeChange, NodeSelection

LATER = timezone.now() + timedelta(days=1)

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
        {"min_hdd": "900"},
        {"min_success": "90"},
        {"boots_within": "12"},
        {"min_days": "100"},
        {"min_speed": "500"},
        {"min_gpus": "1"},
        {"min_ips": "2"},
        {"dedicated": "true"},
        {"rentable": "true"},
        {"standby": "true"},
        {"gateway": "true"},
        {"ipv6": "true"},
    ],
)
def test_each_filter_finds_the_one_node_that_keeps_it(find, query):
    place = {"country": "Chile", "region": "Americas", "farm_id": 7, "certified": True, "up": False}
    room = {"free_cru": 64, "total_cru": 64, "free_mru": 262144, "free_sru": 4000}
    record = {"deploys": 19, "failures": 1, "boot_ms": [9000, 11000, 30000], "uptime": 86_400 * 101}
    kind = dict.fromkeys(["dedicated", "rentable", "standby", "gateway", "ipv6"], True)
    more = {"total_hru": 1000, "used_hru": 90, "num_gpu": 1, "free_ips": 2}
    line = {"upload": 600_000_000, "download": 500_000_000}
    a_node(node_id=4711, **place, **room, **record, **kind, **more, **line)
    a_node(
        node_id=12, deploys=1, failures=1, boot_ms=[20000], upload=600_000_000, total_hru=1000, used_hru=200
    )
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
    assert "Invalid filter" in answer.text and "No matching nodes" not in answer.text
    assert "“huge” is not a size" in answer.text


def test_our_record_of_a_node_stands_beside_the_grids_facts(find, now):
    failed = {"failures": 1, "last_failure_at": now, **columns(DiedStarting(), "last_failure")}
    a_node(node_id=12, deploys=3, boot_ms=[4000], **failed)
    page = find(node="12").text
    for words in ("75.0 %", "3 of 4", "4.0 s", str(DiedStarting())):
        assert words in page


def test_ticked_nodes_become_the_choice_of_a_new_pool(house):
    node = a_node()
    page = client_of("owner", house.team).get(
        reverse("pool_new", args=[house.team.slug]), {"node": node.node_id}
    )
    assert page.context["form"].initial["node_ids"] == [node.node_id]
    assert len(page.context["fit"].in_play) == 1


@pytest.mark.parametrize("ticked, warned", [([], True), ([4711], False)])
def test_a_pool_of_nodes_of_which_none_was_ticked_says_so(house, ticked, warned):
    a_node(node_id=4711)
    asked = {"size": "small", "node": ticked}
    page = client_of("owner", house.team).get(reverse("pool_new", args=[house.team.slug]), asked)
    assert ("No node was ticked" in page.text) is warned


def test_what_comes_next_is_not_called_older(find, monkeypatch):
    monkeypatch.setattr(list, "SIZE", 1)
    a_node()
    a_node()
    page = find().text
    assert re.search(r'rel="next"[^>]*>\s*More', page) and "Older" not in page


def test_a_viewer_is_not_offered_a_pool(house):
    page = client_of("viewer", house.team).get(reverse("nodes", args=[house.team.slug])).text
    assert "Make a pool" not in page


def test_what_fits_now_is_asked_by_the_size_and_by_our_record(find, now):
    a_node(node_id=1, free_mru=4096)
    a_node(node_id=2, blocked_until=now + timedelta(minutes=5))
    a_node(node_id=3, dedicated=True)
    a_node(node_id=4)
    found = numbers(find(fits="true", size="small"))
    assert 4 in found
    assert not found & {1, 2, 3}
    assert 1 in numbers(find(fits="true", size="1cpu1gbram10gbssd"))


def test_few_starts_rank_below_many(find):
    a_node(node_id=1, deploys=1)
    a_node(node_id=2, deploys=99, failures=1)
    a_node(node_id=3, deploys=1, failures=5)
    order = [row.node.node_id for row in find(sort="record", min_success="1").context["rows"]]
    assert order == [2, 1, 3]


def test_a_sorted_list_goes_on_where_its_page_ended(find):
    for memory in range(40):
        a_node(free_mru=1024 * memory, farm_id=8)
    first = find(sort="memory", farm="8")
    second = find(**dict(parse_qsl(first.context["page"].older[1:])))
    seen = [row.node.free_mru for page in (first, second) for row in page.context["rows"]]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 40
    assert first.context["found"] == 40


def test_the_map_and_the_list_beside_it_say_the_same(find):
    a_node(country="Chile", longitude=-70.5, latitude=-33.5)
    a_node(country="Chile", longitude=-70.5, latitude=-33.5)
    a_node(country="Atlantis")
    spots = {spot.country: spot for spot in find().context["spots"]}
    assert (spots["Chile"].count, spots["Chile"].x, spots["Chile"].y) == (2, 109.5, 123.5)
    assert spots["Atlantis"].x is None
    page = find(region="").text
    assert 'cx="109.5" cy="123.5"' in page
    assert 'country=Chile"> Chile </a> <span class="num ink-2">2</span>' in page


def test_what_the_grid_did_to_its_nodes_is_told(find, now):
    node = a_node(node_id=77)
    NodeChange.objects.create(node=node, kind="price", was=20.4, now=25.5, at=now)
    assert "$20.40 → $25.50 per month" in find().text


def compare(house, **query):
    return client_of("viewer", house.team).get(reverse("nodes_compare", args=[house.team.slug]), query)


def test_nodes_stand_side_by_side_with_the_price_of_all_and_what_would_be_taken_off(house):
    plain, certified = a_node(node_id=21), a_node(node_id=22, certified=True, blocked_until=LATER)
    page = compare(house, node=[plain.node_id, certified.node_id, 9999], size="small")
    assert [row.node for row in page.context["rows"]] == [plain, certified]
    assert page.context["fit"] == {21}
    assert page.context["more"] == 1
    price = page.context["price"]
    assert price.hour == sum(60 * row.minute for row in page.context["rows"])
    assert [level.percent for level in price.levels] == [0, 20, 30, 40, 60]
    assert price.levels[1].holds == Tft.parse("2295")  # a month and a half at 2.125 an hour, certified or not
    assert price.levels[0].hour == price.hour
    assert price.levels[4].hour == price.hour.share(40, 100)


def test_at_most_four_are_compared_and_none_is_no_mistake(house):
    nodes = [a_node().node_id for _ in range(6)]
    assert len(compare(house, node=nodes).context["rows"]) == 4
    assert "No nodes selected" in compare(house, node=["x", "9" * 30], size="huge").text


def test_steal_is_that_of_vms_that_run_there_now(house, now):
    a_load(house.vm, now, steal=30)
    node = a_node()
    house.vm.node = node
    house.vm.save()
    assert compare(house, node=node.node_id).context["rows"][0].steal == pytest.approx(30, abs=0.1)


def test_a_search_is_kept_for_the_team_changed_and_forgotten(house):
    client, team = client_of("member", house.team), house.team
    keep = reverse("nodes_keep", args=[team.slug])
    client.post(keep, {"name": "near", "query": "region=Europe&older=7&evil=1&min_ram=64"})
    search = NodeSelection.objects.of(team).get()
    assert (search.name, search.query) == ("near", "region=Europe&min_ram=64")
    client.post(keep, {"name": "near", "query": "region=Africa"})
    search.refresh_from_db()
    assert search.query == "region=Africa"
    assert "region=Africa" in client.get(reverse("nodes", args=[team.slug])).text
    assert client_of("owner", a_team()).post(forget(search)).status_code == 404
    client.post(forget(search))
    assert not NodeSelection.objects.exists()
    assert [entry.what for entry in AuditEntry.objects.filter(team=team)] == ["nodes.keep"] * 3


@pytest.mark.parametrize(
    "sent, says",
    [
        ({"name": "a\x00b", "query": "farm=x"}, "Remove line breaks, control characters"),
        ({"name": "a\n\nb", "query": "farm=x"}, "Remove line breaks, control characters"),
        ({"name": "near", "query": "farm=%00"}, "invalid filter"),
        ({"name": "near", "query": "certified=%00"}, "invalid filter"),
        ({"name": "near", "query": "min_ram=much"}, "invalid filter"),
        ({"name": "near", "query": "farm=" + "é" * 200}, "too long"),
        ({"name": " ", "query": "farm=x"}, "Enter a name"),
    ],
)
def test_a_search_that_could_not_be_opened_is_not_kept(house, sent, says):
    client = client_of("member", house.team)
    answer = client.post(reverse("nodes_keep", args=[house.team.slug]), sent, follow=True)
    assert answer.status_code == 200
    assert says in answer.text
    assert not NodeSelection.objects.exists()


def forget(search):
    return reverse("nodes_forget", args=[search.team.slug, search.pk])


def test_a_search_needs_a_name(house):
    page = client_of("owner", house.team).post(
        reverse("nodes_keep", args=[house.team.slug]), {"name": " ", "query": "up=true"}, follow=True
    )
    assert "Enter a name for the search" in page.text


def test_a_team_keeps_a_bounded_number_of_searches(house):
    for _ in range(selections.MAX_SELECTIONS):
        a_selection(house.team)
    with pytest.raises(selections.TooManySelections):
        selections.save(house.team, "one more", "up=true", "ana@example.org", NOON)
