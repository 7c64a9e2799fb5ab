"""Placement: which node each VM gets, and the reason for one that gets none."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from runners.reasons.nodes import (
    Dedicated,
    Down,
    Drained,
    LowSuccess,
    NodeCode,
    NotCertified,
    NotChosen,
    SetAside,
    Unhealthy,
)
from runners.reasons.waits import NoNodeChosen, NoNodeFits, NoNodeNow, NoNodesRead
from runners.vms.placement import Choice, NodeCapacity, VmRequest, exclusion_reason, place
from tfci.core.tft import Tft
from tfci.grid.ports import Within

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ANY = {1: Choice()}


def a_node(node_id, memory_gb=64, **fields):
    """Its row's id is another number than the grid's, so that no test takes one for the other."""
    usual = {
        "farm_id": 1,
        "country": "Belgium",
        "region": "Europe",
        "up": True,
        "healthy": True,
        "certified": False,
        "dedicated": False,
        "total_cru": 16,
        "free_mru": memory_gb * 1024,
        "free_sru": 1000,
    }
    return NodeCapacity(id=1000 + node_id, node_id=node_id, **usual | fields)


def a_wish(vm_id, pool_id=1, cpu=2, memory_gb=8, disk_gb=50):
    return VmRequest(vm_id, pool_id, cpu, memory_gb, disk_gb, PRICES)


def placed(wishes, nodes, choices=ANY, here=None):
    """vm id -> the grid's id of its node."""
    found = place(wishes, choices, nodes, here or {}, NOON)
    return {vm_id: node.node_id for vm_id, node in found.on.items()}


def reason(wish, nodes, choices=ANY):
    return place([wish], choices, nodes, {}, NOON).reasons[wish.vm_id]


def out(node, choice, **costs):
    """Why it is; None for one in play."""
    return exclusion_reason(node, choice, NOON, **costs)


def test_a_vm_gets_a_node_that_has_room():
    assert placed([a_wish(1)], [a_node(1, memory_gb=7), a_node(2)]) == {1: 2}


def test_exactly_enough_is_enough():
    node = a_node(1, memory_gb=8, free_sru=50, total_cru=2)
    assert placed([a_wish(1)], [node]) == {1: 1}


def test_capacity_is_taken_as_it_goes():
    found = place([a_wish(1), a_wish(2)], ANY, [a_node(1, memory_gb=12)], {}, NOON)
    assert list(found.on) == [1]
    assert found.reasons == {2: NoNodeNow(1, ((NodeCode.MEMORY_IN_USE, 8, 1),))}


def test_pools_share_the_capacity_of_a_node():
    wishes = [a_wish(1, pool_id=1), a_wish(2, pool_id=2)]
    assert placed(wishes, [a_node(1, memory_gb=12)], {1: Choice(), 2: Choice()}) == {1: 1}


def test_a_smaller_vm_still_fits_where_a_larger_one_did_not():
    wishes = [a_wish(1, memory_gb=16), a_wish(2, memory_gb=4)]
    assert placed(wishes, [a_node(1, memory_gb=12)]) == {2: 1}


def test_vms_spread_over_nodes():
    nodes = [a_node(1, memory_gb=256), a_node(2), a_node(3)]
    assert sorted(placed([a_wish(n) for n in range(3)], nodes).values()) == [1, 2, 3]


def test_vms_of_all_sizes_spread_over_nodes():
    wishes = [a_wish(1), a_wish(2, memory_gb=4), a_wish(3), a_wish(4, memory_gb=4)]
    assert sorted(placed(wishes, [a_node(n) for n in range(4)]).values()) == [0, 1, 2, 3]


def test_where_the_pool_has_a_vm_already_it_takes_another_node_first():
    assert placed([a_wish(1)], [a_node(1), a_node(2)], here={1: [1001], 2: [1002, 1002]}) == {1: 2}


def test_a_node_where_more_of_our_vms_came_up_comes_first():
    nodes = [a_node(1, deploys=1, failures=1), a_node(2, deploys=9, failures=1)]
    assert placed([a_wish(1)], nodes) == {1: 2}


@pytest.mark.parametrize(("steal", "ago", "first"), [(100, 1, 2), (99, 1, 1), (100, 30, 1), (None, 1, 1)])
def test_a_crowded_node_comes_after_all_others_for_a_while(steal, ago, first):
    crowded = a_node(1, memory_gb=99, steal=steal, steal_at=NOON - timedelta(minutes=ago))
    assert placed([a_wish(1)], [crowded, a_node(2)], here={1: [] if first == 1 else [1002]}) == {1: first}
    assert placed([a_wish(1)], [crowded]) == {1: 1}


def test_a_drained_node_is_out_for_its_team_whatever_the_pool_chose():
    drained = Choice.read({"ids": [1]}, drained=frozenset({1001}))
    assert out(a_node(1), drained) == Drained()
    assert out(a_node(1), Choice.read({"ids": [1]}, drained=frozenset({1}))) is None


@pytest.mark.parametrize(
    "nodes, within",
    [
        ({}, Within()),
        ({"regions": ["Europe"], "rule": {"certified": True}}, Within("europe", True)),
        ({"rule": {"certified": False, "pack": False, "max_price": ""}}, Within()),
        ({"ids": [1]}, None),
        ({"farms": [1]}, None),
        ({"countries": ["Belgium"]}, None),
        ({"regions": ["Europe", "Asia"]}, None),
        ({"rule": {"max_price": "2"}}, None),
        ({"rule": {"pack": True}}, None),
        ({"rule": {"min_success_percent": 90}}, None),
    ],
)
def test_a_choice_is_left_to_the_grid_where_it_can_be_told_all_of_it(nodes, within):
    assert Choice.read(nodes).within == within


def test_a_spread_or_drained_nodes_are_not_left_to_the_grid():
    assert Choice.read({}, min_nodes=2).within is None
    assert Choice.read({}, drained=frozenset({1})).within is None


def test_of_equal_nodes_the_cheaper_comes_first_and_then_the_one_with_most_memory_free():
    nodes = [a_node(1, memory_gb=99, certified=True), a_node(2, memory_gb=20), a_node(3, memory_gb=30)]
    assert placed([a_wish(1)], nodes) == {1: 3}


def test_a_vm_of_no_pool_is_placed_by_a_choice_of_its_own():
    assert placed([a_wish(1, pool_id=None)], [a_node(1)], {None: Choice()}) == {1: 1}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, None),
        ({"up": False, "healthy": False}, Down()),
        ({"healthy": False}, Unhealthy()),
        ({"dedicated": True}, Dedicated()),
        ({"blocked_until": NOON + timedelta(seconds=1)}, SetAside()),
        ({"blocked_until": NOON}, None),
    ],
)
def test_a_node_is_out_of_play_for_a_reason(fields, why):
    assert out(a_node(1, **fields), Choice()) == why


@pytest.mark.parametrize(
    ("chosen", "fields"),
    [
        ({"ids": [7]}, {}),
        ({"farms": [3]}, {"farm_id": 3}),
        ({"countries": ["BELGIUM"]}, {}),
        ({"regions": ["europe"]}, {}),
        ({"ids": [9], "farms": [9], "countries": ["France"], "regions": ["Europe"]}, {}),
    ],
)
def test_a_node_is_chosen_by_any_of_the_lists(chosen, fields):
    assert out(a_node(7, **fields), Choice.read(chosen)) is None


@pytest.mark.parametrize(
    "chosen", [{"ids": [1]}, {"farms": [2]}, {"countries": ["France"]}, {"regions": ["Asia"]}]
)
def test_a_node_that_no_list_names_is_not_chosen(chosen):
    assert out(a_node(7), Choice.read(chosen)) == NotChosen()


def test_a_rule_holds_for_chosen_nodes_too():
    choice = Choice.read({"ids": [1], "rule": {"certified": True}})
    assert out(a_node(1), choice) == NotCertified()
    assert out(a_node(1, certified=True), choice) is None


def test_a_rule_can_ask_for_a_good_record():
    choice = Choice.read({"rule": {"min_success_percent": 90}})
    assert out(a_node(1, deploys=8, failures=2), choice) == LowSuccess(80)
    assert out(a_node(1, deploys=9, failures=1), choice) is None


def test_a_node_without_a_record_counts_as_good():
    assert out(a_node(1), Choice.read({"rule": {"min_success_percent": 100}})) is None


@pytest.mark.parametrize(
    ("fields", "code", "number"),
    [
        ({"free_mru": 8191}, NodeCode.MEMORY_IN_USE, 8),
        ({"free_sru": 49}, NodeCode.DISK_IN_USE, 50),
        ({"up": False}, NodeCode.DOWN, 0),
        ({"rented": True}, NodeCode.RENTED, 0),
    ],
)
def test_what_a_node_lacks_now_is_said(fields, code, number):
    now = reason(a_wish(1), [a_node(1, **fields)])
    assert (now, now.permanent) == (NoNodeNow(1, ((code, number, 1),)), False)


@pytest.mark.parametrize(
    ("fields", "code", "number"),
    [
        ({"total_cru": 1}, NodeCode.TOO_FEW_CPUS, 2),
        ({"total_mru": 8191}, NodeCode.TOO_LITTLE_MEMORY, 8),
        ({"total_sru": 49}, NodeCode.TOO_LITTLE_DISK, 50),
        ({"dedicated": True}, NodeCode.DEDICATED, 0),
        ({"opted_out_at": NOON}, NodeCode.OPTED_OUT, 0),
    ],
)
def test_what_a_node_never_has_is_final_even_while_it_is_down(fields, code, number):
    never = reason(a_wish(1), [a_node(1, up=False, **fields)])
    assert (never, never.permanent) == (NoNodeFits(1, ((code, number, 1),)), True)


def test_one_node_that_may_come_back_is_enough_to_wait():
    nodes = [a_node(1, total_cru=1), a_node(2, up=False)]
    out = ((NodeCode.TOO_FEW_CPUS, 2, 1), (NodeCode.DOWN, 0, 1))
    assert reason(a_wish(1), nodes) == NoNodeNow(2, out)


def test_a_node_that_is_set_aside_says_when_it_is_tried_again():
    later = NOON + timedelta(minutes=2)
    nodes = [a_node(1, blocked_until=later + timedelta(minutes=9)), a_node(2, blocked_until=later)]
    now = NoNodeNow(2, ((NodeCode.SET_ASIDE, 0, 2),), later.isoformat())
    assert reason(a_wish(1), nodes) == now
    assert placed([a_wish(1)], [replace(nodes[1], blocked_until=NOON)]) == {1: 2}


def test_the_reasons_are_counted_and_the_most_common_comes_first():
    nodes = [
        a_node(1, up=False),
        a_node(2, free_mru=0),
        a_node(3, free_mru=0),
        a_node(4, dedicated=True),
        a_node(5, farm_id=2),
    ]
    out = ((NodeCode.MEMORY_IN_USE, 8, 2), (NodeCode.DOWN, 0, 1), (NodeCode.DEDICATED, 0, 1))
    assert reason(a_wish(1), nodes, {1: Choice.read({"farms": [1]})}) == NoNodeNow(4, out)


def test_a_choice_that_names_no_node_is_said():
    assert reason(a_wish(1), [a_node(1)], {1: Choice.read({"ids": [404]})}) == NoNodeChosen()


def test_before_nodes_are_read_nothing_is_refused():
    assert reason(a_wish(1), []) == NoNodesRead()


nodes = st.lists(
    st.builds(
        a_node,
        node_id=st.integers(1, 10**6),
        memory_gb=st.integers(0, 40),
        farm_id=st.integers(1, 2),
        up=st.sampled_from([True, True, True, False]),
        healthy=st.sampled_from([True, True, True, False]),
        certified=st.booleans(),
        dedicated=st.sampled_from([False, False, False, True]),
        total_cru=st.integers(1, 8),
        free_sru=st.integers(0, 300),
        deploys=st.integers(0, 3),
        failures=st.integers(0, 3),
        blocked_until=st.sampled_from([None, None, NOON, NOON + timedelta(hours=1)]),
    ),
    max_size=8,
    unique_by=lambda node: node.node_id,
)


@st.composite
def wishes(draw):
    return [
        a_wish(
            vm_id,
            pool_id=draw(st.integers(1, 3)),
            cpu=draw(st.sampled_from([1, 2, 8])),
            memory_gb=draw(st.sampled_from([1, 8, 16])),
            disk_gb=draw(st.sampled_from([10, 100])),
        )
        for vm_id in range(draw(st.integers(0, 12)))
    ]


PRICES = {False: Tft(100), True: Tft(125)}
CHOICES = {
    1: Choice(),
    2: Choice.read({"farms": [1], "rule": {"certified": True, "min_success_percent": 50}}),
    3: Choice.read({"rule": {"pack": True, "max_price": "0.0000100"}}, min_nodes=2),
}


@given(st.data(), nodes)
def test_no_node_takes_more_than_it_has_or_what_it_must_not(data, of):
    asked = data.draw(wishes())
    found = place(asked, CHOICES, of, {}, NOON)
    assert found.on.keys() | found.reasons.keys() == {wish.vm_id for wish in asked}
    assert found.on.keys().isdisjoint(found.reasons)
    memory, disk = defaultdict(int), defaultdict(int)
    for wish in asked:
        if node := found.on.get(wish.vm_id):
            assert out(node, CHOICES[wish.chooser]) is None
            assert wish.cpu <= node.total_cru
            assert wish.chooser != 3 or not node.certified
            memory[node] += wish.memory_gb * 1024
            disk[node] += wish.disk_gb
    assert all(memory[node] <= node.free_mru and disk[node] <= node.free_sru for node in memory)


@given(st.data(), nodes)
def test_a_vm_without_a_node_fits_on_none_that_is_left(data, of):
    asked = data.draw(wishes())
    found = place(asked, CHOICES, of, {}, NOON)
    taken = {wish.vm_id: wish for wish in asked if wish.vm_id in found.on}
    left = [
        replace(
            node,
            free_mru=node.free_mru - 1024 * sum(w.memory_gb for n, w in taken.items() if found.on[n] == node),
            free_sru=node.free_sru - sum(w.disk_gb for n, w in taken.items() if found.on[n] == node),
        )
        for node in of
    ]
    missed = [wish for wish in asked if wish.vm_id in found.reasons]
    assert all(place([wish], CHOICES, left, {}, NOON).on == {} for wish in missed)


@given(st.integers(1, 12), st.integers(1, 12), st.lists(st.integers(1, 12), max_size=6))
def test_as_many_nodes_as_possible_carry_a_vm(vms, count, already):
    """No node has two more of the pool's VMs than another that could take one."""
    of = [a_node(n, memory_gb=1000, free_sru=10_000) for n in range(1, count + 1)]
    here = [1000 + n for n in already if n <= count]
    found = place([a_wish(n) for n in range(vms)], ANY, of, {1: here}, NOON)
    carries = Counter({node.id: 0 for node in of}) + Counter(here)
    before = Counter(here)
    for node in found.on.values():
        carries[node.id] += 1
    lowest = min(carries[node.id] for node in of)
    assert all(carries[node.id] <= max(lowest + 1, before[node.id]) for node in of)
    assert len(set(found.on.values()) | {node for node in of if before[node.id]}) >= min(vms, count)


@given(st.integers(1, 30), st.integers(1, 12), st.integers(1, 6), st.lists(st.integers(1, 12), max_size=6))
def test_a_pool_that_packs_is_on_as_few_nodes_as_it_may(vms, count, least, already):
    """Each node of these has room for four."""
    of = [a_node(n, memory_gb=32, free_sru=10_000) for n in range(1, count + 1)]
    before = {1000 + n for n in already if n <= count}
    choice = Choice.read({"rule": {"pack": True}}, min_nodes=least)
    found = place([a_wish(n) for n in range(vms)], {1: choice}, of, {1: list(before)}, NOON)
    carries = Counter(node.id for node in found.on.values())
    used = before | carries.keys()
    needed = -(-len(found.on) // 4)
    assert len(found.on) == min(vms, 4 * count)
    assert len(used) <= max(needed, min(least, len(before) + vms), len(before)) + (len(before) > 0)
    assert len(used) >= min(least, len(before) + len(found.on), count)


def test_a_pool_that_packs_fills_the_node_that_it_is_on():
    nodes = [a_node(1), a_node(2, memory_gb=256), a_node(3)]
    packs = {1: Choice.read({"rule": {"pack": True}})}
    assert placed([a_wish(n) for n in range(3)], nodes, packs, here={1: [1003]}) == {0: 3, 1: 3, 2: 3}


def test_a_pool_that_packs_takes_so_many_nodes_first_as_it_must():
    nodes = [a_node(n, memory_gb=256) for n in (1, 2, 3)]
    packs = {1: Choice.read({"rule": {"pack": True}}, min_nodes=2)}
    assert Counter(placed([a_wish(n) for n in range(5)], nodes, packs).values()) == {1: 4, 2: 1}
