"""The world as a test changes it, and as it is again after a restart."""

import json
import subprocess
import sys

from tests.practice.grid.harness import free_node, until
from tfci.grid.ports import Order


def test_faults_are_listed_and_end(grid):
    first = grid.control("/faults", kind="slow", seconds=2)
    grid.control("/faults", kind="refuse", node_id=5, chance=0.5, times=3)
    assert [rule["kind"] for rule in grid.control("/faults", "GET")] == ["slow", "refuse"]
    grid.control(f"/faults/{first['fault_id']}", "DELETE")
    assert [rule["node_id"] for rule in grid.control("/faults", "GET")] == [5]
    grid.control("/faults", "DELETE")
    assert grid.control("/faults", "GET") == []


def test_faults_clock_and_nodes_are_as_they_were_after_a_restart(grid):
    grid.control("/faults", kind="refuse", times=3)
    grid.control("/nodes/7", up=False)
    now = grid.control("/clock", advance=1000)["now"]
    grid.control("/price", tft_musd=7)
    grid.kill()
    grid.start()
    assert [rule["times"] for rule in grid.control("/faults", "GET")] == [3]
    assert not next(node for node in grid.proxy.nodes() if node.node_id == 7).up
    assert grid.control("/clock") == {"now": now, "speed": 0}
    assert grid.account().prices().tft_musd == 7


def test_with_speed_hours_pass_in_seconds(a_grid):
    grid = a_grid("--speed", "3600")
    account = grid.account()
    account.deploy([Order("vm1", free_node(grid).node_id, 1, 512, 5)])
    until(lambda: len(grid.journal("bill")) >= 2)
    assert grid.control("/clock", speed=0)["speed"] == 0
    assert account.now() == account.now()


def test_a_mnemonic_that_is_known_opens_the_same_account(grid):
    first = grid.control("/accounts", amount=5 * 10**7)
    again = grid.control("/accounts", amount=5 * 10**7, mnemonic=first["mnemonic"])
    assert again == first
    assert first["mnemonic"] not in (grid.home / "journal.jsonl").read_text()


def test_the_pace_can_be_changed_while_it_runs(grid):
    assert grid.control("/pace", chain_latency=6, boot=1) == {"chain_latency": 6, "boot": 1}


def second_grid(grid, *options):
    program = [sys.executable, "-m", "practice.grid", "--home", str(grid.home), *options]
    return subprocess.run(program, capture_output=True, text=True, timeout=20)


def test_two_grids_do_not_share_a_home(grid):
    done = second_grid(grid)
    assert done.returncode == 2 and "another grid runs there" in done.stderr


def test_a_home_keeps_its_nodes(grid):
    grid.kill()
    done = second_grid(grid, "--nodes", "301")
    assert done.returncode == 2 and "--nodes 300" in done.stderr


def test_a_journal_without_blocks_is_put_aside(grid):
    grid.kill()
    path = grid.home / "journal.jsonl"
    first, *_ = grid.journal("begun")
    path.write_text(json.dumps({key: value for key, value in first.items() if key != "chain"}) + "\n")
    grid.start()
    assert grid.journal("begun")[0]["chain"]
    assert "begun" in (grid.home / "journal.older.jsonl").read_text()


def test_what_a_crash_tore_off_behind_a_block_is_told_after_it(grid):
    account = grid.account()
    account.deploy([Order("vm1", free_node(grid).node_id, 1, 512, 5)])
    grid.control("/clock", advance=7200)
    grid.kill()
    path = grid.home / "journal.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    bill = max(at for at, line in enumerate(lines) if json.loads(line)["event"] == "bill")
    path.write_text("".join(lines[:bill]))
    bills = len(grid.journal("bill"))
    grid.start()
    assert len(grid.journal("bill")) == bills + 1
    assert account.balance() == account.balance()
