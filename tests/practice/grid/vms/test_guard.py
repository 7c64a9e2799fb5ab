"""The host's disk is not filled by thin disks that are written to."""

import shutil
import subprocess

import pytest

from practice.grid import processes
from practice.grid.vms import guard


@pytest.fixture
def machines(tmp_path):
    """Two, of which the second takes more of the disk."""
    folders, running = [], []
    for name, size in (("modest", 10), ("greedy", 100)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "scratch.img").write_bytes(b"x" * size * 4096)
        running.append(subprocess.Popen(["sleep", "60"], cwd=folder, start_new_session=True))
        folders.append(folder)
    yield folders
    for process in running:
        process.kill()
        process.wait()


def left(monkeypatch, free):
    usage = shutil._ntuple_diskusage(100 * 2**30, 0, free)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)


def test_with_room_enough_everybody_goes_on(tmp_path, machines, monkeypatch):
    left(monkeypatch, 6 * 2**30)
    guard.check_disk(tmp_path, machines)
    assert all(processes.pids_of([folder]) for folder in machines)


def test_nearly_full_it_is_the_greediest_that_goes(tmp_path, machines, monkeypatch):
    left(monkeypatch, 4 * 2**30)
    guard.check_disk(tmp_path, machines)
    assert [bool(processes.pids_of([folder])) for folder in machines] == [True, False]


def test_a_sparse_disk_counts_by_what_was_written(machines):
    with open(machines[0] / "scratch.img", "r+b") as disk:
        disk.truncate(50 * 2**30)
    assert guard.disk_usage(machines[0]) < 1024 * 1024
