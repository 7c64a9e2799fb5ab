"""Docker's socket on a machine: nobody home until somebody calls."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from tests.images.manager import eventually
from tests.images.programs import IMAGES

PROGRAM = IMAGES / "machine/tree/opt/farmhand/docker-on-demand"
RUN = """
import importlib.machinery, importlib.util, os, sys
loader = importlib.machinery.SourceFileLoader("on_demand", sys.argv[1])
program = importlib.util.module_from_spec(importlib.util.spec_from_loader("on_demand", loader))
loader.exec_module(program)
program.SOCKET, program.LOG, program.DOCKERD = sys.argv[2], sys.argv[3], (sys.executable, "-c", sys.argv[4])
os.setpriority = lambda *_: None
program.main()
"""
STAND_IN = """
import os, socket, sys
assert os.environ["LISTEN_FDS"] == "1" and os.environ["LISTEN_PID"] == str(os.getpid())
print("started", flush=True)
if open({log!r}).read().count("started") < {starts}:
    sys.exit("too slow")
caller, _ = socket.socket(fileno=3).accept()
caller.sendall(caller.recv(100).upper())
"""


@pytest.fixture
def docker(tmp_path):
    """Starts it with a stand-in for Docker that comes up at its n-th start; returns (socket, log)."""
    running = []

    def start(starts):
        door, log = tmp_path / "docker.sock", tmp_path / "docker.log"
        stand_in = STAND_IN.format(log=str(log), starts=starts)
        running.append(subprocess.Popen([sys.executable, "-c", RUN, PROGRAM, door, log, stand_in]))
        eventually(door.exists)
        return door, log

    yield start
    for process in running:
        process.send_signal(signal.SIGKILL)
        process.wait(10)


def call(door):
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.connect(str(door))
        line.sendall(b"ping")
        return line.recv(100)


def test_docker_starts_with_the_first_call_and_not_before(docker):
    door, log = docker(starts=1)
    assert not log.exists()
    assert call(door) == b"PING"
    assert log.read_text() == "started\n"


def test_who_called_is_answered_though_docker_had_to_be_started_again(docker):
    door, log = docker(starts=2)
    assert call(door) == b"PING"
    assert log.read_text().count("started") == 2


def test_only_root_and_its_group_may_call(docker):
    door, _ = docker(starts=1)
    assert eventually(lambda: os.stat(door).st_mode & 0o777 == 0o660)
