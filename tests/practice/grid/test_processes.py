"""Machines' processes are found and ended, whatever they did to get away."""

import os
import signal
import subprocess
import sys

import pytest

from practice.grid import processes
from tests.practice.grid.harness import until

DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir(sys.argv[1])
        os.execve("/bin/sleep", ["sleep", "3600"], {"HOME": sys.argv[2]})
    os._exit(0)
time.sleep(3600)
"""


@pytest.fixture
def spawn(tmp_path):
    """Starts a program as a machine; none is left after the test."""
    folder, started = tmp_path / "vm1-100002", []
    folder.mkdir()

    def start(*argv):
        argv = [str(folder) if word == "FOLDER" else word for word in argv]
        process = subprocess.Popen(argv, cwd=folder, env={"HOME": str(folder)}, start_new_session=True)
        started.append(process)
        return process

    yield start, folder
    processes.end([folder])
    for process in started:
        process.wait(10)


def test_a_child_in_a_session_of_its_own_is_found(spawn):
    start, folder = spawn
    start("sh", "-c", "setsid sleep 3600 & exec sleep 3600")
    until(lambda: len(processes.pids_of([folder])) == 2)


def test_children_that_left_home_and_session_are_found_by_their_working_directory(spawn):
    start, folder = spawn
    start(sys.executable, "-c", DAEMON, "FOLDER", "/")
    until(lambda: len(processes.pids_of([folder])) == 2)


def test_a_child_that_left_its_working_directory_is_found_by_its_home(spawn):
    start, folder = spawn
    start(sys.executable, "-c", DAEMON, "/", "FOLDER")
    until(lambda: len(processes.pids_of([folder])) == 2)


def test_a_machine_with_the_beginning_of_the_same_name_is_another(spawn):
    start, folder = spawn
    start("sleep", "3600")
    until(lambda: processes.pids_of([folder]))
    assert processes.pids_of([folder.with_name("vm1-10000")]) == []


def test_after_end_none_is_left(spawn):
    start, folder = spawn
    start(sys.executable, "-c", DAEMON, "FOLDER", "/")
    until(lambda: len(processes.pids_of([folder])) == 2)
    processes.end([folder])
    assert processes.pids_of([folder]) == []


def test_a_machine_may_go_by_itself_before_it_is_killed(spawn):
    start, folder = spawn
    process = start(
        "sh", "-c", "trap 'touch said_goodbye; exit 7' TERM; touch up; while :; do sleep 0.05; done"
    )
    until((folder / "up").exists)
    processes.end([folder], grace=10)
    assert process.wait(10) == 7
    assert (folder / "said_goodbye").exists()


def test_one_that_does_not_listen_is_killed_after_its_grace(spawn):
    start, folder = spawn
    process = start("sh", "-c", "trap '' TERM; touch up; while :; do sleep 0.05; done")
    until((folder / "up").exists)
    processes.end([folder], grace=0.2)
    assert process.wait(10) == -signal.SIGKILL


def test_only_the_very_same_process_is_alive(spawn):
    start, _ = spawn
    process = start("sleep", "3600")
    ticks = processes.read(process.pid).started
    assert processes.alive(process.pid, ticks)
    assert not processes.alive(process.pid, ticks + 1)
    process.kill()
    until(lambda: not processes.alive(process.pid, ticks))


def test_nothing_is_found_for_no_machine():
    assert processes.pids_of([]) == []
    assert os.getpid() not in processes.pids_of([])
