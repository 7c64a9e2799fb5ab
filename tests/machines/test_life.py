"""From a push to a job's end in a virtual machine, and what is left of it."""

import pytest

from tfci.practice.grid import processes
from tfci.practice.grid.vms import qemu

WHERE_IT_IS = """
    uname -n; id -u; awk '$2 == "/" {print "root:", $3}' /proc/mounts
    dmsetup ls; swapon --show; echo kept > /root/kept; sync; echo marker-of-$(( 40 + 2 ))
"""


def test_a_job_runs_in_a_machine_of_its_own_whose_disk_is_encrypted_and_then_nothing_is_left(product):
    ran = product.run("whole", WHERE_IT_IS)
    assert ran.conclusion == "success", ran.log
    assert "root: overlay" in ran.log and "marker-of-42" in ran.log
    assert product.gone("whole") == []


@pytest.mark.proof  # not seen to pass yet
def test_while_it_runs_its_secrets_are_in_no_file_and_on_no_command_line(product):
    product.begin("secrets", "sleep 20")
    folder = product.machine("secrets")
    [(vm,)] = product.sql("SELECT max(id) FROM runners_vm")
    orders = folder.with_suffix(".order")
    token = orders.read_text().split('"FARMHAND_TOKEN": "')[1].split('"')[0]
    assert orders.stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o777 == 0o700
    assert not (folder / qemu.ZOSRC).exists()
    for pid in processes.of([folder]):
        assert token.encode() not in (processes.PROC / str(pid) / "cmdline").read_bytes()
        assert token.encode() not in (processes.PROC / str(pid) / "environ").read_bytes()
    assert token not in (folder / "console.log").read_text(errors="replace")
    product.ended("secrets")
