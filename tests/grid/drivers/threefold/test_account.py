"""What goes wrong on ThreeFold's grid, and what is left of it: nothing, or what the chain shows."""

import itertools
import os
import stat
from pathlib import Path

import pytest

from practice.chain.calls import BondTwinAccount
from practice.chain.notices import DispatchedAs
from practice.chain.state import EXISTENTIAL_DEPOSIT
from tests.contracts.grids import Threefold
from tests.counterparts.threefold import programs as stubs
from tests.practice.grid.harness import POLICY
from tfci.core.secret import Secret
from tfci.core.tft import UNIT
from tfci.grid.drivers.threefold import account as threefold_account, programs, tfcmd
from tfci.grid.drivers.threefold.chain import billed_musd
from tfci.grid.ports import Deployment, GridError, Order, OutOfFunds, Refusal, Unavailable
from tfci.grid.reasons import AccountInUse, AccountUnverified, DeploymentTimeout, GridCode, ProgramMissing

NUMBERS = itertools.count(1)
SPY = """#!/bin/sh
# build\tvcs.time=2026-03-01T08:00:00Z
{{ echo "$0 $@"; env; cd "$XDG_CONFIG_HOME"; stat -c %a . .tfgridconfig variables; echo "$XDG_CONFIG_HOME"; }} >{log}
sleep 60 &
echo $! >{log}.child
exit 1
"""


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    grid = Threefold(tmp_path_factory.mktemp("threefold"))
    yield grid
    grid.close()


@pytest.fixture
def account(grid):
    return grid.account()


def an_order(node_id=1, **fields):
    fields = {"name": f"fh_abc_{next(NUMBERS)}", "cpu": 2, "memory": 4096, "disk": 50, **fields}
    return Order(
        node_id=node_id, environment={"FARMHAND_TOKEN": Secret("t0ken"), "FARMHAND_VM": Secret("7")}, **fields
    )


def left(grid, name):
    """Contracts that stand of this VM."""
    return grid.world.standing(name)


def last(grid):
    return grid.world.state.last_contract


def refused(account, order):
    (answer,) = account.deploy([order])
    assert isinstance(answer, Refusal)
    return answer


# Failures of a deployment


def test_a_vm_that_came_up_though_its_program_failed_is_deployed(grid, account):
    order = an_order()
    with grid.world.with_faults(not_described=True):
        (vm,) = account.deploy([order])
    assert isinstance(vm, Deployment)
    assert account.deploy([order]) == [vm]


def test_a_program_that_dies_between_network_and_vm_leaves_nothing(grid, account):
    order = an_order()
    with grid.world.with_faults(dies_after_network=True):
        assert refused(account, order).node_at_fault
    assert left(grid, order.name) == []


def test_a_node_that_never_answers_costs_its_time_and_leaves_nothing(grid, account, monkeypatch):
    monkeypatch.setattr(tfcmd, "LIMIT", 1.0)
    order = an_order()
    with grid.world.with_faults(hanging={1}):
        answer = refused(account, order)
    assert answer.node_at_fault and answer.reason == DeploymentTimeout("tfcmd", 1)
    assert left(grid, order.name) == []


@pytest.mark.parametrize(
    "said, code",
    [
        ("contract hash does not match deployment hash", GridCode.HASH_MISMATCH),
        ("NodeNotAvailableToDeploy", GridCode.NODE_UNAVAILABLE),
        ("not enough space left in pools of this type ssd", GridCode.DEPLOYMENT_FAILED),
    ],
)
def test_a_node_that_refuses_is_at_fault_and_keeps_nothing(grid, account, said, code):
    order = an_order()
    with grid.world.with_faults(refusing={1: said}):
        answer = refused(account, order)
    assert answer.node_at_fault and not answer.opted_out and answer.reason.code == code
    assert left(grid, order.name) == []


def test_a_node_that_no_message_reaches_keeps_nothing(grid, account):
    order = an_order()
    with grid.world.with_faults(unreachable={1}):
        assert "timeout" in refused(account, order).reason.said
    assert left(grid, order.name) == []


def test_a_node_whose_farmer_left_is_told_apart(grid, account):
    with grid.world.with_faults(refusing={1: "Module error: OnlyTwinAdminCanDeployOnThisNode"}):
        assert refused(account, an_order()).opted_out


def test_an_account_that_nobody_verified_is_told_so_and_no_node_is_at_fault(grid):
    account = grid.stranger(grid.world.open(verified=False))
    with pytest.raises(GridError) as caught:
        account.deploy([an_order()])
    assert caught.value.reason == AccountUnverified()
    assert not isinstance(caught.value, Unavailable | OutOfFunds)


def test_what_a_failed_run_left_and_the_chain_keeps_is_looked_for_again(grid, account):
    order, nowhere = an_order(), range(last(grid) + 1, last(grid) + 9)
    with grid.world.with_faults(dies_after_network=True, no_cancel=set(nowhere)), pytest.raises(Unavailable):
        account.deploy([order])
    assert len(left(grid, order.name)) == 1
    assert account.list_vms(order.name) == []
    (vm,) = account.deploy([order])
    assert vm.contract_ids == tuple(sorted(left(grid, order.name)))


def test_what_the_chain_keeps_of_one_vm_holds_no_other_back(grid, account):
    order, other = an_order(), an_order()
    kept = {last(grid) + 1}
    with grid.world.with_faults(dies_after_network=True, no_cancel=kept), pytest.raises(Unavailable):
        account.deploy([order])
    with grid.world.with_faults(no_cancel=kept):
        assert [answer.name for answer in account.deploy([order, other])] == [other.name]


def test_trouble_of_the_account_ends_a_turn_and_is_raised_by_the_next(grid, account):
    first, second = an_order(), an_order(node_id=2)
    with grid.world.with_faults(refusing={2: "Inability to pay some fees , e.g. account balance too low"}):
        (vm,) = account.deploy([first, second])
        with pytest.raises(OutOfFunds):
            account.deploy([second])
    assert vm.name == first.name and left(grid, second.name) == []


def test_an_order_that_got_no_turn_is_answered_when_asked_again(account, monkeypatch):
    monkeypatch.setattr(threefold_account, "TURN", 0)
    orders = [an_order(), an_order()]
    assert [answer.name for answer in account.deploy(orders)] == [orders[0].name]
    assert [answer.name for answer in account.deploy(orders)] == [order.name for order in orders]


@pytest.mark.parametrize("fields", [{"disk": 2}, {"cpu": 33}, {"name": "x" * 29}])
def test_what_no_node_of_threefold_takes_is_no_nodes_fault(account, fields):
    assert not refused(account, an_order(**fields)).node_at_fault


# A proxy that is late, a chain that is busy


def test_a_vm_that_the_proxy_has_not_read_yet_is_found_and_made_once(grid, account):
    order = an_order()
    with grid.world.behind():
        (vm,) = account.deploy([order])
        assert [found.contract_ids for found in account.list_vms(order.name)] == [vm.contract_ids]
        assert account.deploy([order])[0].contract_ids == vm.contract_ids
        assert [removed.name for removed in account.remove([order.name])] == [order.name]
    assert left(grid, order.name) == []


def test_a_vm_that_the_proxy_still_shows_is_gone_when_the_chain_says_so(grid, account):
    (vm,) = account.deploy([an_order()])
    with grid.world.behind():
        account.remove([vm.name])
        assert account.list_vms(vm.name) == []


def test_a_proxy_that_is_far_behind_is_believed_in_nothing(account, monkeypatch):
    monkeypatch.setattr(threefold_account, "MAX_PROXY_LAG", -1)
    with pytest.raises(Unavailable, match="behind the chain"):
        account.list_vms("")


def test_another_program_that_takes_our_number_costs_a_second_try(grid, account):
    (vm,) = account.deploy([an_order()])
    with grid.world.with_faults(stolen_numbers=1):
        assert [removed.name for removed in account.remove([vm.name])] == [vm.name]


def test_another_program_that_signs_while_we_deploy_is_named(grid, account):
    order = an_order()
    with grid.world.with_faults(stolen_numbers=1), pytest.raises(Unavailable) as caught:
        account.deploy([order])
    assert caught.value.reason == AccountInUse()
    assert left(grid, order.name) == []


def test_a_contract_that_the_chain_keeps_holds_no_other_back(grid, account):
    kept, gone = account.deploy([an_order(), an_order()])
    with grid.world.with_faults(no_cancel=set(kept.contract_ids)):
        assert [removed.name for removed in account.remove([kept.name, gone.name])] == [gone.name]
    assert account.list_vms("") == [kept]


def test_a_vm_paused_for_want_of_tft_is_shown_so_and_can_be_removed(grid, account):
    (vm,) = account.deploy([an_order()])
    grid.kill_vm(vm.name)
    assert [found.running for found in account.list_vms("")] == [False]
    account.remove([vm.name])
    assert account.list_vms("") == []


def test_acts_wait_for_their_block(tmp_path):
    grid = Threefold(tmp_path, block=0.2)
    try:
        account = grid.account()
        (vm,) = account.deploy([an_order()])
        assert isinstance(vm, Deployment)
        (removed,) = account.remove([vm.name])
        assert removed.ended_at >= vm.created_at
        assert account.list_vms("") == []
    finally:
        grid.close()


# The program


def test_a_vm_gets_its_variables(grid, account):
    (vm,) = account.deploy([an_order()])
    told = grid.world.deployed[vm.contract_ids[1]].environment["SSH_KEY"]
    assert told == "FARMHAND_TOKEN=t0ken\nFARMHAND_VM=7\n"


def test_no_secret_stands_on_a_command_line_or_in_a_variable_and_nothing_outlives_the_run(grid, tmp_path):
    log, spy, words = tmp_path / "log", tmp_path / "tfcmd", grid.world.open()
    spy.write_text(SPY.format(log=log))
    spy.chmod(0o755)
    given = threefold_account.ThreefoldOptions(str(spy), grid.given.image)
    account = threefold_account.ThreefoldAccount("dev", given, grid.server.url, Secret(words), POLICY)
    refused(account, an_order())
    *seen, of_folder, of_words, of_variables, folder = log.read_text().splitlines()
    assert "t0ken" not in "\n".join(seen) and words not in "\n".join(seen)
    assert (of_folder, of_words, of_variables) == ("700", "600", "600")
    assert not os.path.exists(folder)
    assert ended(int((tmp_path / "log.child").read_text()))


def ended(pid):
    """Also while nobody has taken note of its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize(
    ("words", "code"), [("2025-09-09", GridCode.PROGRAM_OUTDATED), ("", GridCode.PROGRAM_UNDATED)]
)
def test_a_program_that_is_too_old_or_does_not_tell_its_age_is_not_run(grid, tmp_path, words, code):
    path = stubs.install(tmp_path, grid.server.url, day=words)
    account = threefold_account.ThreefoldAccount(
        "dev",
        threefold_account.ThreefoldOptions(path, "image"),
        grid.server.url,
        Secret(grid.world.open()),
        POLICY,
    )
    with pytest.raises(GridError) as caught:
        account.deploy([an_order()])
    assert caught.value.reason.code == code


def test_a_program_that_is_not_there_is_named(tmp_path):
    path = str(tmp_path / "nowhere/tfcmd")
    with pytest.raises(GridError) as caught:
        programs.locate("tfcmd", path)
    assert caught.value.reason == ProgramMissing(path)


def test_files_for_a_program_are_ours_alone(tmp_path):
    with programs.folder() as home:
        path = programs.write(home / "words", "secret")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert not home.exists()


def test_the_stash_of_a_twin_counts_for_its_discount(grid, account):
    stash = grid.account(tft=77)
    twin, other = list(grid.world.state.twins.values())[-2:]
    grid.world.notice(DispatchedAs(other.account, BondTwinAccount(twin.twin_id)))
    assert account.holdings().stash == stash.balance() - EXISTENTIAL_DEPOSIT > 76 * UNIT


@pytest.mark.parametrize(
    ("prices", "billed"), [((10, 1, 1000), 10), ((0, 1, 1000), 1), ((5000, 1, 1000), 1000), ((9, 9, 9), 9)]
)
def test_bills_go_by_the_average_within_the_councils_bounds(prices, billed):
    assert billed_musd(*prices) == billed


@pytest.mark.parametrize("prices", [(0, 0, 1000), (10, 1, 0)])
def test_a_chain_without_a_price_gives_none(prices):
    with pytest.raises(Unavailable):
        billed_musd(*prices)


def test_bills_of_contracts_that_are_over_say_so_and_need_not_be_asked_for(grid, account):
    (vm,) = account.deploy([an_order()])
    grid.pass_time(2 * 3600)
    account.remove([vm.name])
    bills = account.bills(vm.created_at)
    assert [bill.final for bill in bills] == [False] * (len(bills) - 1) + [True]
    assert account.bills(vm.created_at, complete={bills[0].contract_id}) == []
