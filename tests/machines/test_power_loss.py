"""What can be read of a job on the host's disks once the power is gone, and of a machine that was begun anew."""

import os
import re
import signal
import uuid

import pytest

from practice.grid import processes
from practice.grid.vms import qemu
from tests import machines
from tests.machines.traces import holders
from tests.machines.worker import Worker
from tests.practice.grid.harness import until

PLACES = ("$PWD", "/tmp", "$HOME", "/etc", "/srv/deep/down", "/var/log", "/var/lib/docker")
LEAVE = """
    n=0
    for place in {places}; do
      mkdir -p $place; seq 200 | sed "s/^/{mark}-$n /" >$place/mark; n=$((n + 1))
    done
    sync
    dmsetup table --showkeys
"""
KEY = re.compile(r"crypt aes-xts-plain64 ([0-9a-f]{128}) ")


@pytest.fixture
def work(tmp_path):
    """Starts a machine under a protection."""
    machines.need()
    started = []

    def start(protection):
        started.append(Worker(tmp_path, FARMHAND_PROTECTION=protection))
        return started[0]

    yield start
    for worker in started:
        worker.close()


def leave(worker, then="sleep 600"):
    """(the mark that a job has left in all places, the key that it was encrypted with or None)"""
    mark = f"mark-{uuid.uuid4().hex}"
    table = worker.run(LEAVE.format(places=" ".join(PLACES), mark=mark), then)
    return mark, (found := KEY.search(table)) and found[1]


def pull_the_plug(worker):
    """Nobody gets to tidy up, neither the machine nor its grid."""
    folder = worker.folder
    worker.host.kill()
    for pid in processes.pids_of([folder]):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not processes.pids_of([folder]))


def readable(mark, folder):
    """The places whose mark can be read."""
    return {place for number, place in enumerate(PLACES) if holders(f"{mark}-{number} ".encode(), folder)}


@pytest.mark.proof  # half a minute each by emulation
@pytest.mark.parametrize(("protection", "left"), [("none", set(PLACES)), ("ram", set())])
def test_without_protection_a_loss_of_power_leaves_all_to_be_read_and_in_memory_nothing(
    work, protection, left
):
    worker = work(protection)
    mark, key = leave(worker)
    pull_the_plug(worker)
    assert readable(mark, worker.folder) == left
    assert key is None


def test_encrypted_nothing_is_left_to_be_read_and_the_key_was_never_anywhere(work, tmp_path):
    worker = work("encrypted")
    mark, key = leave(worker)
    pull_the_plug(worker)
    assert readable(mark, worker.folder) == set()
    for form in (key.encode(), key.upper().encode(), bytes.fromhex(key)):
        assert holders(form, tmp_path) == []
    assert key not in repr(worker.host.manager.calls)


@pytest.mark.proof  # a minute by emulation
def test_a_refreshed_machine_has_another_key_and_nothing_of_the_job_before(work):
    worker = work("encrypted")
    mark, key = leave(worker, then="true")
    worker.host.manager.wait("done", seconds=60)
    disk = (worker.folder / qemu.SCRATCH).stat()
    worker.host.manager.give({"refresh": True})
    worker.host.claimed(1, count=2)
    fresh = (worker.folder / qemu.SCRATCH).stat()
    assert (fresh.st_ino, fresh.st_ctime_ns) != (disk.st_ino, disk.st_ctime_ns)
    left = worker.run(f"ls {' '.join(f'{place}/mark' for place in PLACES[1:])} || true")
    assert left.count("No such file") == len(PLACES) - 1, left
    assert readable(mark, worker.folder) == set()
    other_mark, other_key = leave(worker)
    assert other_key != key
    pull_the_plug(worker)
    assert readable(mark, worker.folder) == readable(other_mark, worker.folder) == set()
