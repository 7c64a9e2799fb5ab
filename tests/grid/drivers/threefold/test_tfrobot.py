"""Many VMs at once by tfrobot: all of a batch are told of, none is left that nobody knows."""

import itertools

import pytest

from tests.contracts.grids import Threefold
from tests.practice.grid.harness import POLICY
from tfci.core.secret import Secret
from tfci.grid.drivers.threefold import account as threefold_account, tfrobot
from tfci.grid.ports import Deployment, GridError, Order, Refusal, Within
from tfci.grid.reasons import AccountUnverified, BatchFailed, DeploymentTimeout

NUMBERS = itertools.count(1)
ANYWHERE = Within()
SPY = """#!/bin/sh
# build\tvcs.time=2026-03-01T08:00:00Z
{{ echo "$0 $@" $(env); stat -c %a . config.json; cat config.json; }} >{log}
exit 1
"""


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    grid = Threefold(tmp_path_factory.mktemp("tfrobot"))
    yield grid
    grid.close()


@pytest.fixture
def account(grid):
    return grid.account()


def an_order(node_id=1, within=ANYWHERE, **fields):
    fields = {"name": f"fh_abc_{next(NUMBERS)}", "cpu": 2, "memory": 4096, "disk": 50, **fields}
    return Order(node_id=node_id, environment={"FARMHAND_TOKEN": Secret("t0ken")}, within=within, **fields)


def some_orders(count, **fields):
    return [an_order(node_id=number, **fields) for number in range(1, count + 1)]


def left(grid, orders):
    return [number for order in orders for number in grid.world.standing(f"{order.name}_0")]


def acts(grid, account):
    return grid.world.account(grid.world.of_words(account._mnemonic.reveal())).nonce


def test_a_batch_takes_two_acts_of_the_chain(grid, account):
    orders = some_orders(5)
    vms = account.deploy(orders)
    assert [vm.name for vm in vms] == [order.name for order in orders]
    assert all(isinstance(vm, Deployment) and "mycelium" in vm.addresses for vm in vms)
    assert acts(grid, account) == 2
    assert account.list_vms("fh_abc_") == vms
    account.remove([vm.name for vm in vms])
    assert account.list_vms("") == [] == left(grid, orders)


def test_each_vm_has_its_own_variables(grid, account):
    (vm,) = account.deploy([an_order()])
    number = max(vm.contract_ids)
    assert grid.world.deployed[number].environment["FARMHAND_TOKEN"] == "t0ken"


def test_a_batch_that_is_asked_for_again_is_made_once(account):
    orders = some_orders(3)
    assert account.deploy(orders) == account.deploy(orders)


def test_what_fails_on_one_node_comes_up_on_another(grid, account):
    orders = some_orders(3)
    with grid.world.with_faults(refusing={2: "not enough space"}):
        vms = account.deploy(orders)
    assert all(isinstance(vm, Deployment) for vm in vms)
    assert 2 not in {vm.node_id for vm in vms}
    assert len(left(grid, orders)) == 6


def test_half_a_batch_that_came_up_is_cancelled_with_the_other_half(grid, account, monkeypatch):
    monkeypatch.setattr(tfrobot, "RETRIES", 1)
    orders = some_orders(4)
    all_but_one = {node["nodeId"]: "not enough space" for node in grid.world.nodes[1:]}
    with grid.world.with_faults(refusing=all_but_one):
        answers = account.deploy(orders)
    assert all(isinstance(answer, Refusal) and not answer.node_at_fault for answer in answers)
    assert "not enough space" in answers[0].reason.said
    assert left(grid, orders) == []


def test_what_its_cancel_did_not_see_for_a_late_index_is_cancelled_too(grid, account, monkeypatch):
    monkeypatch.setattr(tfrobot, "RETRIES", 1)
    orders = some_orders(4)
    all_but_one = {node["nodeId"]: "not enough space" for node in grid.world.nodes[1:]}
    with grid.world.behind(), grid.world.with_faults(refusing=all_but_one):
        account.deploy(orders)
        assert left(grid, orders) == []


def test_a_batch_that_it_deployed_and_does_not_tell_of_is_cancelled(grid, account):
    orders = some_orders(2)
    with grid.world.with_faults(not_described=True):
        assert all(isinstance(answer, Refusal) for answer in account.deploy(orders))
    assert left(grid, orders) == []


def test_a_node_that_never_answers_costs_the_batch_its_time_and_leaves_nothing(grid, account, monkeypatch):
    monkeypatch.setattr(tfrobot, "LIMIT", 1.0)
    orders = some_orders(2)
    with grid.world.with_faults(hanging={2}):
        answers = account.deploy(orders)
    late = DeploymentTimeout("tfrobot", 1)
    assert {answer.reason for answer in answers} == {BatchFailed("tfrobot", str(late))}
    assert left(grid, orders) == []


def test_region_and_certificate_are_asked_for(grid, account):
    wanted = Within(region="europe", certified=True)
    (vm,) = account.deploy([an_order(within=wanted)])
    node = next(node for node in grid.world.nodes if node["nodeId"] == vm.node_id)
    assert node["region"] == "Europe" and node["certificationType"] == "Certified"


def test_too_few_nodes_refuse_all(grid, account):
    answers = account.deploy(some_orders(2, within=Within(region="Antarctica")))
    assert "could not find enough nodes" in answers[0].reason.said


def test_those_for_an_exact_node_go_one_by_one_beside_it(grid, account):
    orders = [an_order(), an_order(node_id=7, within=None), an_order(node_id=9, disk=10)]
    robot, exact, small = account.deploy(orders)
    assert (exact.node_id, small.node_id) == (7, 9)
    assert robot.name == orders[0].name
    assert acts(grid, account) == 6


def test_whose_vm_was_asked_for_first_gets_the_first_run(account, monkeypatch):
    monkeypatch.setattr(threefold_account, "TURN", 0)
    exact, together = an_order(within=None), some_orders(2)
    assert [answer.name for answer in account.deploy([exact, *together])] == [exact.name]
    assert {answer.name for answer in account.deploy([*together, an_order(within=None)])} == {
        order.name for order in together
    }


def test_without_tfrobot_all_go_to_their_nodes(grid):
    given = threefold_account.ThreefoldOptions(grid.given.tfcmd, grid.given.image, "/nowhere/tfrobot")
    account = threefold_account.ThreefoldAccount(
        "dev", given, grid.server.url, Secret(grid.world.open()), POLICY
    )
    vms = account.deploy([an_order(node_id=3), an_order(node_id=4)])
    assert [vm.node_id for vm in vms] == [3, 4]


def test_trouble_of_the_account_is_raised(grid):
    account = grid.stranger(grid.world.open(verified=False))
    with pytest.raises(GridError) as caught:
        account.deploy([an_order()])
    assert caught.value.reason == AccountUnverified()


def test_larger_vms_are_asked_of_more_nodes(grid, account):
    """A group may not ask for more than 256 GB on one node."""
    large = an_order(memory=192 * 1024), an_order(memory=192 * 1024)
    (group,) = tfrobot.Tfrobot("", "dev", "x.flist", Secret(""))._config(large)["node_groups"]
    assert (group["nodes_count"], group["free_mru"]) == (2, 192)


def test_secrets_are_in_its_file_alone_which_is_ours_alone(grid, tmp_path):
    log, spy, words = tmp_path / "log", tmp_path / "tfrobot", grid.world.open()
    spy.write_text(SPY.format(log=log))
    spy.chmod(0o755)
    given = threefold_account.ThreefoldOptions(grid.given.tfcmd, grid.given.image, str(spy))
    threefold_account.ThreefoldAccount("dev", given, grid.server.url, Secret(words), POLICY).deploy(
        [an_order()]
    )
    command, of_folder, of_config, config = log.read_text().split("\n", 3)
    assert words not in command and "t0ken" not in command
    assert (of_folder, of_config) == ("700", "600")
    assert words in config and "t0ken" in config
