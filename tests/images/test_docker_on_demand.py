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
program.SOCKET, program.LOG, program.CONTAINERD_SOCKET = sys.argv[2:5]
program.CONTAINERD, program.DOCKERD = ((sys.executable, "-c", text) for text in sys.argv[5:])
program.REST, os.setpriority = 0, lambda *_: None
program.main()
"""
CONTAINERD = """
import sys, time
if open({log!r}).read().count("containerd") < {fails}:
    sys.exit("a containerd that fails")
time.sleep(0.1)  # it is slow
print("its socket", flush=True)
open({socket!r}, "x").close()
time.sleep(60)
"""
DOCKER = """
import os, socket, sys
assert os.environ["LISTEN_FDS"] == "1" and os.environ["LISTEN_PID"] == str(os.getpid())
print("Docker", flush=True)
if open({log!r}).read().count("Docker") < {starts}:
    sys.exit("it fails")
caller, _ = socket.socket(fileno=3).accept()
caller.sendall(caller.recv(100).upper())
"""


@pytest.fixture
def docker(tmp_path):
    """Starts it with stand-ins: a Docker that comes up at its n-th start, a containerd that fails some times before it
    does. Returns (socket, log)."""
    running = []

    def start(starts=1, fails=0):
        door, log, socket = (tmp_path / name for name in ("docker.sock", "docker.log", "containerd.sock"))
        containerd = CONTAINERD.format(log=str(log), fails=fails, socket=str(socket))
        docker = DOCKER.format(log=str(log), starts=starts)
        command = [sys.executable, "-c", RUN, PROGRAM, door, log, socket, containerd, docker]
        running.append(subprocess.Popen(command, start_new_session=True))
        eventually(door.exists)
        return door, log

    yield start
    for process in running:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def call(door):
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(20)
        line.connect(str(door))
        line.sendall(b"ping")
        return line.recv(100)


def test_docker_starts_with_the_first_call_and_not_before(docker):
    door, log = docker()
    assert not log.exists()
    assert call(door) == b"PING"
    assert log.read_text() == "its socket\nDocker\n"


def test_who_called_is_answered_though_docker_had_to_be_started_again(docker):
    door, log = docker(starts=2)
    assert call(door) == b"PING"
    assert log.read_text() == "its socket\nDocker\nit fails\nits socket\nDocker\n"


def test_docker_is_not_started_before_containerd_has_come_up(docker):
    door, log = docker(fails=2)
    assert call(door) == b"PING"
    assert log.read_text() == "a containerd that fails\n" * 2 + "its socket\nDocker\n"


def test_only_root_and_its_group_may_call(docker):
    door, _ = docker()
    assert eventually(lambda: os.stat(door).st_mode & 0o777 == 0o660)
