"""QEMU's command line: what holds a machine down."""

import resource
import subprocess
import sys

import pytest

from practice.grid.vms import image, network, qemu

ASK = "import resource; print(*resource.getrlimit(resource.RLIMIT_NOFILE), *resource.getrlimit(resource.RLIMIT_CORE))"


def limits(folder, cpu):
    """As a program finds them that is started in QEMU's place."""
    (folder / qemu.SCRATCH).touch()
    made = image.Image(folder)
    command = qemu.command(made, cpu, 1024, True, network.door(["127.0.0.1:8400"]), folder)
    before = command[: command.index(qemu.PROGRAM)]
    asked = subprocess.run([*before, sys.executable, "-c", ASK], capture_output=True, text=True, timeout=20)
    return list(map(int, asked.stdout.split()))


@pytest.mark.parametrize("cpu", [1, 16])
def test_a_guest_has_a_bounded_number_of_connections_through_its_door(cpu, tmp_path):
    soft, hard, *core = limits(tmp_path, cpu)
    assert soft == hard < resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert network.CONNECTIONS < soft < 2 * network.CONNECTIONS + 16 * cpu
    assert core == [0, 0]
