"""Placement and prices."""

from dataclasses import replace

from hypothesis import given, strategies as st

from runners.reasons.waits import TooDear
from runners.vms.placement import Choice, place
from tests.runners.vms.test_placement import (
    CHOICES,
    NOON,
    a_node,
    a_wish,
    nodes,
    placed,
    reason,
    wishes,
)
from tfci.core.tft import Tft


def test_a_node_that_is_too_dear_is_passed_over_and_said():
    dear = {1: Choice.read({"rule": {"max_price": "0.0000100"}})}
    assert placed([a_wish(1)], [a_node(1, certified=True), a_node(2)], dear) == {1: 2}
    assert reason(a_wish(1), [a_node(1, certified=True)], dear) == TooDear(cheapest=125, limit=100)


def test_the_price_of_the_cheapest_node_that_fits_is_told_with_the_limit():
    costs = {False: Tft.parse("3.9"), True: Tft.parse("4.875")}
    nodes = [a_node(1, certified=True), a_node(2), a_node(3, total_cru=1)]
    dear = {1: Choice.read({"rule": {"max_price": "3"}})}
    told = reason(replace(a_wish(1), hourly_prices=costs), nodes, dear)
    assert told == TooDear(Tft.parse("3.9"), Tft.parse("3"))


def test_before_prices_are_read_none_is_too_dear():
    dear = {1: Choice.read({"rule": {"max_price": "0.0000001"}})}
    assert placed([replace(a_wish(1), hourly_prices={})], [a_node(1)], dear) == {1: 1}


@given(st.data(), nodes)
def test_the_order_of_nodes_does_not_matter(data, of):
    asked = data.draw(wishes())
    assert place(asked, CHOICES, of, {}, NOON).on == place(asked, CHOICES, of[::-1], {}, NOON).on
