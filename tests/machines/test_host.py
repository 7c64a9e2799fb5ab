"""What the local grid's program makes of machines: started, begun anew, adopted, held down."""

import os
from collections import deque

import pytest

from practice.grid import processes
from practice.grid.vms import console, qemu
from tests import machines
from tests.machines.host import CLAIM, Host
from tests.practice.grid.harness import until


@pytest.fixture
def host(tmp_path):
    machines.need()
    host = Host(tmp_path / "grid")
    yield host
    host.close()


def pids(host, name):
    return [event["pid"] for event in host.journal("started") if event["name"] == name]


def test_a_grid_that_is_killed_in_the_middle_of_a_boot_finds_its_machine_again(host):
    host.wallet.deploy([host.order(1)])
    until(lambda: host.alive("vm1"))
    host.kill()
    assert host.alive("vm1")
    host.start()
    assert host.claimed(1)["token"] == "bootstrap-1"
    assert len(pids(host, "vm1")) == 1
    until(lambda: not (host.folder("vm1") / qemu.ZOSRC).exists())
    folder = host.folder("vm1")
    host.wallet.remove(["vm1"])
    assert not processes.pids_of([folder]) and not folder.exists()


def test_a_refresh_is_another_process_with_another_disk_and_is_counted(host):
    host.wallet.deploy([host.order(1)])
    first = host.claimed(1)
    disk = (host.folder("vm1") / qemu.SCRATCH).stat()
    host.manager.wait("order", 3, 30)  # the first, older than its firewall, was answered before its 40 s
    host.manager.give({"refresh": True})
    again = host.claimed(1, count=2)
    assert again["key"] != first["key"] and again["token"] == first["token"]
    fresh = (host.folder("vm1") / qemu.SCRATCH).stat()
    assert (fresh.st_ino, fresh.st_ctime_ns) != (disk.st_ino, disk.st_ctime_ns)
    assert len(set(pids(host, "vm1"))) == 2
    assert [event["name"] for event in host.journal("refreshed")] == ["vm1"]
    assert host.wallet.list_vms("vm1")[0].running


def test_one_that_its_manager_has_no_more_use_for_powers_off_and_is_dead(host):
    host.manager.answers = {"claim": deque([410])}
    host.wallet.deploy([host.order(1)])
    [ended] = until(lambda: host.journal("exited"), CLAIM)
    assert ended["why"] == "the virtual machine powered itself off"
    assert not host.wallet.list_vms("vm1")[0].running


@pytest.mark.proof  # five at once by emulation
def test_no_more_boot_at_a_time_than_twice_the_processors(host):
    most = 2 * os.cpu_count()
    host.wallet.deploy([host.order(number) for number in range(most + 1)])
    *earlier, _ = until(lambda: host.journal("started")[most:] and host.journal("started"), CLAIM)
    assert any(console.begun(host.folder(event["name"])) for event in earlier)


def test_a_guest_that_floods_its_console_fills_no_disk_of_ours(host, tmp_path):
    """Nobody tends it while the grid is away: then its size is bounded by the process's own limit."""
    host.wallet.deploy([host.order(1)])
    host.claimed(1)
    said = console.path_of(host.folder("vm1"))
    with open(said, "ab") as flood:
        flood.write(b"x" * 3 * console.LIMIT)
    until(lambda: said.stat().st_size < console.LIMIT)
    assert said.with_suffix(".old").stat().st_size <= console.LIMIT
    [pid] = pids(host, "vm1")
    limits = (processes.PROC / str(pid) / "limits").read_text().splitlines()
    [largest] = [line.split()[3] for line in limits if line.startswith("Max file size")]
    assert int(largest) <= 2 * 2**30
    assert [line.split()[4] for line in limits if line.startswith("Max core file size")] == ["0"]
