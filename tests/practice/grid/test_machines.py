"""Machines over the whole process: they are real, private, and outlive the grid."""

import os
import stat
from pathlib import Path

import pytest

from practice.grid import processes
from tests.practice.grid.harness import free_node, until
from tfci.core.secret import Secret
from tfci.grid.ports import Order

SHOW = "sh -c 'env > seen; exec sleep 3600'"
SCATTER = "sh -c 'setsid sleep 3600 & setsid env -i sleep 3600 & touch up; exec sleep 3600'"
AGAIN = "sh -c 'touch boot-$$; sleep 0.5; exit 75'"
LEAVE = "sh -c 'mkdir -p deep/er; touch deep/er/file; chmod 000 deep/er deep; touch up; exec sleep 3600'"


def deploy(grid, account, name="vm1", node_id=None):
    node_id = node_id or free_node(grid).node_id
    order = Order(name, node_id, 1, 1024, 10, {"FARMHAND_TOKEN": Secret("b00t")})
    (machine,) = account.deploy([order])
    return machine


def running(grid, account, name="vm1", node_id=None):
    machine = deploy(grid, account, name, node_id)
    until(lambda: grid.alive(name))
    return machine


def seen(account, name="vm1"):
    (machine,) = account.list_vms(name)
    return machine


def test_it_sees_its_order_and_nothing_of_the_grids_own_environment(a_grid, monkeypatch):
    monkeypatch.setenv("FARMHAND_GRID_TOKEN", "control")
    monkeypatch.setenv("FARMHAND_ENGINES", "/engines")
    grid = a_grid("--machine", SHOW)
    running(grid, grid.account())
    folder = grid.folder("vm1")
    text = until(lambda: (folder / "seen").exists() and (folder / "seen").read_text())
    variables = dict(line.split("=", 1) for line in text.splitlines())
    assert {name: variables[name] for name in ("FARMHAND_TOKEN", "HOME", "FARMHAND_ENGINES")} == {
        "FARMHAND_TOKEN": "b00t",
        "HOME": str(folder),
        "FARMHAND_ENGINES": "/engines",
    }
    assert variables.keys() - {"PWD", "OLDPWD", "SHLVL", "_"} == {
        "FARMHAND_TOKEN",
        "HOME",
        "FARMHAND_ENGINES",
        "PATH",
    }


def test_its_folder_and_its_order_are_private_and_no_secret_is_in_the_journal(grid, account):
    running(grid, account)
    folder = grid.folder("vm1")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.with_suffix(".order").stat().st_mode) == 0o600
    assert "b00t" not in (grid.home / "journal.jsonl").read_text()


def test_it_leads_a_session_of_its_own(grid, account):
    running(grid, account)
    pid = grid.journal("started")[-1]["pid"]
    assert os.getsid(pid) == pid


def test_it_survives_the_death_of_the_grid_and_is_found_again(grid, account):
    running(grid, account)
    folder = grid.folder("vm1")
    grid.kill()
    assert processes.pids_of([folder])
    grid.start()
    assert seen(account).running
    assert len(grid.journal("started")) == 1
    account.remove(["vm1"])
    assert not processes.pids_of([folder])


def test_one_that_died_while_the_grid_was_away_is_shown_dead(grid, account):
    running(grid, account)
    grid.kill()
    processes.end([grid.folder("vm1")])
    grid.start()
    until(lambda: not seen(account).running)


def test_one_that_had_not_started_when_the_grid_died_starts_after_it(a_grid):
    grid = a_grid("--boot", "3600")
    account = grid.account()
    deploy(grid, account)
    grid.kill()
    grid.start("--boot", "0")
    until(lambda: grid.alive("vm1"))


def test_what_has_no_contract_is_cleared_when_the_grid_starts(grid, account):
    running(grid, account)
    grid.kill()
    stray = grid.folder("vm1").rename(grid.home / "machines" / "vm9-100900")
    grid.start()
    assert not stray.exists()
    assert not processes.pids_of([stray])


def test_when_it_exits_the_contract_stands_and_it_is_shown_dead(a_grid):
    grid = a_grid("--machine", "sh -c 'exit 3'")
    account = grid.account()
    deploy(grid, account)
    until(lambda: not seen(account).running)
    assert [event["name"] for event in grid.journal("exited")] == ["vm1"]


def test_one_that_asks_for_it_begins_anew_with_an_empty_home_under_the_same_contract(a_grid):
    grid = a_grid("--machine", AGAIN)
    account = grid.account()
    machine = deploy(grid, account)
    until(lambda: len(grid.journal("started")) >= 3)
    assert grid.journal("refreshed") and not grid.journal("exited")
    assert seen(account).running and seen(account).contract_ids == machine.contract_ids
    assert len(list(grid.folder("vm1").glob("boot-*"))) <= 1


def test_what_it_leaves_behind_dies_with_it(a_grid):
    grid = a_grid("--machine", "sh -c 'setsid sleep 3600 & exit 0'")
    account = grid.account()
    deploy(grid, account)
    until(lambda: not seen(account).running)
    until(lambda: not processes.pids_of([grid.folder("vm1")]))


def test_removing_it_ends_all_its_processes_and_deletes_its_folder(a_grid):
    grid = a_grid("--machine", SCATTER)
    account = grid.account()
    running(grid, account)
    folder = grid.folder("vm1")
    until(lambda: len(processes.pids_of([folder])) == 3)
    account.remove(["vm1"])
    assert not processes.pids_of([folder])
    assert not folder.exists() and not folder.with_suffix(".order").exists()


def test_a_job_that_locked_its_folders_does_not_hold_up_the_removal(a_grid):
    grid = a_grid("--machine", LEAVE)
    account = grid.account()
    running(grid, account)
    folder = grid.folder("vm1")
    until((folder / "up").exists)
    account.remove(["vm1"])
    assert not folder.exists()


def test_one_that_can_not_be_started_is_dead_and_the_journal_says_why(a_grid):
    grid = a_grid("--machine", "/no/such/program")
    account = grid.account()
    deploy(grid, account)
    until(lambda: not seen(account).running)
    assert "No such file" in grid.journal("exited")[0]["why"]
    assert account.remove(["vm1"])


def test_it_dies_on_request(grid, account):
    running(grid, account)
    assert grid.control("/machines/vm1/kill") == {"killed": 1}
    assert not seen(account).running


def test_a_node_that_goes_down_takes_it_along_and_brings_it_back(grid, account):
    machine = running(grid, account)
    grid.control(f"/nodes/{machine.node_id}", up=False)
    assert not seen(account).running
    assert not grid.alive("vm1")
    shown = next(node for node in grid.proxy.nodes() if node.node_id == machine.node_id)
    assert not shown.up and not shown.healthy and shown.uptime == 0
    grid.control(f"/nodes/{machine.node_id}", up=True)
    until(lambda: grid.alive("vm1") and seen(account).running)


def test_a_node_that_is_down_refuses(grid, account):
    node_id = free_node(grid).node_id
    grid.control(f"/nodes/{node_id}", up=False)
    refusal = deploy(grid, account, node_id=node_id)
    assert str(refusal.reason) == f"node {node_id} is down" and refusal.node_at_fault


def test_one_that_never_boots_stands_and_says_nothing(grid, account):
    grid.control("/faults", kind="never_boots", name="vm1")
    deploy(grid, account, "vm1")
    running(grid, account, "vm2")
    grid.kill()
    grid.start()
    running(grid, account, "vm3")
    assert seen(account, "vm1").running
    assert not grid.alive("vm1")


def test_one_that_was_told_to_dies_after_its_start(grid, account):
    grid.control("/faults", kind="dies", seconds=0.3)
    running(grid, account)
    until(lambda: not seen(account).running)


def state(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_out_of_tft_it_is_paused_and_goes_on_once_paid(grid):
    poor = grid.account(tft=2)
    running(grid, poor)
    pid = grid.journal("started")[-1]["pid"]
    grid.control("/clock", advance=48 * 3600)
    assert grid.journal("paused")
    until(lambda: state(pid) == "T")
    twin_id = grid.journal("account")[-1]["twin_id"]
    grid.control(f"/accounts/{twin_id}/fund", amount=10**9)
    grid.control("/clock", advance=3600)
    until(lambda: state(pid) == "S")


def test_after_fourteen_unpaid_days_it_is_gone(grid):
    poor = grid.account(tft=2)
    running(grid, poor)
    folder = grid.folder("vm1")
    grid.control("/clock", advance=30 * 86_400)
    assert poor.list_vms("") == []
    assert not folder.exists()


@pytest.mark.parametrize("count", [1, 5])
def test_when_the_grid_is_asked_to_end_all_machines_and_contracts_end(grid, account, count):
    for number in range(count):
        running(grid, account, f"vm{number}")
    folders = [grid.folder(f"vm{number}") for number in range(count)]
    assert grid.stop() == 0
    assert not processes.pids_of(folders)
    assert [event["cause"] for event in grid.journal("ended")] == ["grid stopped"] * count
    assert grid.journal()[-1]["event"] == "stopped"
    grid.start()
    assert account.list_vms("") == []
    assert len(account.remove(["vm0"])) == 1


def test_or_they_are_kept(a_grid):
    grid = a_grid("--keep-machines")
    account = grid.account()
    machine = running(grid, account)
    assert grid.stop() == 0
    assert grid.alive("vm1")
    grid.start()
    assert account.list_vms("") == [machine]
    account.remove(["vm1"])
    assert not grid.alive("vm1")
