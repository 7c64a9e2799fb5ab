"""What an account does: block by block, one act at a time."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.practice.grid.harness import free_node, until
from tfci.grid.ports import Order, OutOfFunds, Unavailable

LATENCY = 0.2


@pytest.fixture
def slow_grid(a_grid):
    """A block takes LATENCY, and no machine really starts."""
    grid = a_grid("--speed", "0", "--chain-latency", str(LATENCY))
    grid.control("/faults", kind="never_boots")
    return grid


def orders(grid, *names):
    node_id = free_node(grid).node_id
    return [Order(name, node_id, 1, 512, 5) for name in names]


def seconds(act):
    before = time.monotonic()
    act()
    return time.monotonic() - before


def fees(grid):
    return [event["amount"] for event in grid.journal("fee")]


def test_a_batch_takes_two_blocks_to_deploy_and_one_to_remove(slow_grid):
    account, batch = slow_grid.account(), orders(slow_grid, "vm1", "vm2", "vm3")
    assert seconds(lambda: account.deploy(batch)) >= 2 * LATENCY
    assert len(fees(slow_grid)) == 2 and min(fees(slow_grid)) > 10_000
    assert seconds(lambda: account.remove(["vm1", "vm2", "vm3"])) >= LATENCY
    assert len(fees(slow_grid)) == 3


def test_what_stands_or_has_ended_takes_no_block(slow_grid):
    account, batch = slow_grid.account(), orders(slow_grid, "vm1")
    account.deploy(batch)
    account.deploy(batch)
    assert len(fees(slow_grid)) == 2
    account.remove(["vm1"])
    account.remove(["vm1"])
    assert len(fees(slow_grid)) == 3


def test_acts_of_one_account_queue_and_are_noted_as_a_collision(slow_grid):
    account, (first, second) = slow_grid.account(), orders(slow_grid, "vm1", "vm2")
    with ThreadPoolExecutor() as pool:
        began = time.monotonic()
        one = pool.submit(account.deploy, [first])
        two = pool.submit(account.deploy, [second])
        one.result(20), two.result(20)
        assert time.monotonic() - began >= 4 * LATENCY
    (collision,) = slow_grid.journal("collision")
    assert {collision["came"], collision["running"]} == {"deploy vm1", "deploy vm2"}
    assert len(account.list_vms("vm")) == 2


def test_acts_one_after_the_other_are_no_collision(slow_grid):
    account, (first, second) = slow_grid.account(), orders(slow_grid, "vm1", "vm2")
    account.deploy([first])
    account.deploy([second])
    assert slow_grid.journal("collision") == []


def test_accounts_do_not_wait_for_each_other(slow_grid):
    accounts = [slow_grid.account() for _ in range(4)]
    batches = [orders(slow_grid, f"vm{number}") for number in range(4)]
    with ThreadPoolExecutor() as pool:
        took = seconds(
            lambda: list(pool.map(lambda account, batch: account.deploy(batch), accounts, batches))
        )
    assert took < 4 * 2 * LATENCY
    assert slow_grid.journal("collision") == []


def test_the_grid_answers_others_while_an_act_waits_for_its_block(slow_grid):
    account, batch = slow_grid.account(), orders(slow_grid, "vm1")
    with ThreadPoolExecutor() as pool:
        act = pool.submit(account.deploy, batch)
        until(lambda: account.balance() is not None)
        assert account.list_vms("vm") == []
        act.result(20)


def test_a_slow_chain_takes_so_much_longer(slow_grid):
    account, batch = slow_grid.account(), orders(slow_grid, "vm1")
    slow_grid.control("/faults", kind="slow", seconds=0.5, act="remove")
    account.deploy(batch)
    assert seconds(lambda: account.remove(["vm1"])) >= 0.5 + LATENCY


def test_a_death_of_the_grid_in_the_middle_of_an_act_leaves_nothing_of_it(slow_grid):
    account, batch = slow_grid.account(), orders(slow_grid, "vm1")
    with ThreadPoolExecutor() as pool:
        act = pool.submit(account.deploy, batch)
        until(lambda: len(fees(slow_grid)) == 1)
        slow_grid.kill()
        with pytest.raises(Unavailable):
            act.result(20)
    slow_grid.start()
    assert account.list_vms("") == []
    assert len(account.deploy(batch)) == len(account.list_vms("")) == 1


def test_an_account_can_be_made_to_look_poor(slow_grid):
    account, batch = slow_grid.account(), orders(slow_grid, "vm1")
    slow_grid.control("/faults", kind="out_of_funds", times=1)
    with pytest.raises(OutOfFunds):
        account.deploy(batch)
    assert len(account.deploy(batch)) == 1


def test_every_tft_is_accounted_for(slow_grid):
    account = slow_grid.account(tft=100)
    account.deploy(orders(slow_grid, *(f"vm{number}" for number in range(5))))
    slow_grid.control("/clock", advance=40 * 3600)
    account.remove(["vm1", "vm3"])
    slow_grid.control("/clock", advance=40 * 3600)
    came = sum(event["amount"] for event in slow_grid.journal("funded"))
    went = sum(fees(slow_grid)) + sum(event["taken"] for event in slow_grid.journal("bill"))
    assert account.balance() == came - went


def test_bills_cover_every_second_of_every_contract(slow_grid):
    account = slow_grid.account()
    account.deploy(orders(slow_grid, "vm1", "vm2", "vm3"))
    for hours in (1, 7, 30):
        slow_grid.control("/clock", advance=hours * 3600 + 17)
    account.remove(["vm1", "vm2", "vm3"])
    begun = {event["contract_id"]: event["at"] for event in slow_grid.journal("deployed")}
    for ended in slow_grid.journal("ended"):
        bills = [bill for bill in slow_grid.journal("bill") if bill["contract_id"] == ended["contract_id"]]
        assert sum(bill["seconds"] for bill in bills) == ended["at"] - begun[ended["contract_id"]]
