"""From a push to a job's end in a virtual machine, and what is left of it."""

import json

import pytest

from tests.machines.traces import holders, started_with

WHERE_IT_IS = """
    uname -n; id -u; awk '$2 == "/" {print "root:", $3}' /proc/mounts
    dmsetup ls; swapon --show; echo kept > /root/kept; sync; echo marker-of-$(( 40 + 2 ))
    sleep 5
"""


@pytest.fixture(scope="module")
def folder(product):
    """Of a machine that runs the job `whole`."""
    product.begin("whole", WHERE_IT_IS)
    return product.runs("whole")


def test_while_its_job_runs_what_it_was_told_is_in_no_file_of_its_and_on_no_command_line(folder):
    order = folder.with_suffix(".order")
    token = json.loads(order.read_text())["FARMHAND_TOKEN"].encode()
    assert (folder.stat().st_mode & 0o777, order.stat().st_mode & 0o777) == (0o700, 0o600)
    assert holders(token, folder) == []
    found = list(started_with(folder))
    assert any(b"qemu-system" in words for words in found)
    assert not any(token in words for words in found)


def test_a_job_runs_in_a_machine_of_its_own_whose_disk_is_encrypted_and_then_nothing_is_left(product, folder):
    ran = product.ended("whole")
    assert ran.conclusion == "success", ran.log
    assert "root: overlay" in ran.log and "marker-of-42" in ran.log
    assert product.gone("whole") == []
    assert not folder.exists()
