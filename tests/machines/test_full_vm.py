"""A full VM, as a ThreeFold node would start it: from its firmware to a job, and again after the power was gone."""

import functools
import uuid

import pytest

from tests import machines
from tests.machines import full_vm
from tests.machines.traces import written
from tests.machines.worker import Worker

LEAVE = """
    mkdir -p /srv/deep; for place in $PWD /tmp /srv/deep; do seq 200 | sed "s/^/{mark} /" >$place/mark; done; sync
    awk '$2 == "/work" {{print $1}}' /proc/mounts
"""
LOOK = """
    cryptsetup status store | awk '$1 == "device:" {print $2}'
    cat /etc/resolv.conf
    ip -o address show dev eth1 | awk '$4 ~ /^4f0:/ {print $4}'
    ip -6 route show 400::/7 | awk '{print $3}'
"""


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    machines.need()
    if lacks := full_vm.lacking():
        pytest.skip(f"no full VM can be built and started here: {', '.join(lacks)} (make machines; ovmf)")
    return full_vm.build(tmp_path_factory.mktemp("full") / "built")


@pytest.fixture
def work(tmp_path, disk):
    """Starts one under a protection."""
    started = []

    def start(protection):
        place = functools.partial(full_vm.FullVM, disk)
        started.append(Worker(tmp_path, start=place, FARMHAND_PROTECTION=protection))
        return started[0]

    yield start
    for worker in started:
        worker.close()


def pull_the_plug(worker, mark):
    """Whether the mark can then be read on its disk."""
    worker.host.pull_the_plug()
    return mark.encode() in written(worker.host.disk)


@pytest.mark.proof  # a start takes half a minute by emulation
def test_it_works_encrypted_on_the_rest_of_its_disk_and_comes_up_again(work):
    worker, mark = work("encrypted"), f"mark-{uuid.uuid4().hex}"
    said = worker.run(LEAVE.format(mark=mark) + LOOK, then="sleep 600").split()
    assert said[:4] == ["/dev/mapper/store", "/dev/vda3", "nameserver", "8.8.8.8"]
    assert said[4:] == ["4f0:8a1:2b3:ff0f:1:2:3:4/64", "4f0:8a1:2b3:ff0f::1"]
    assert not pull_the_plug(worker, mark)
    worker.host.power_on()
    worker.host.claimed(1, count=2)


@pytest.mark.proof
def test_what_is_written_without_protection_is_found_on_its_disk(work):
    worker, mark = work("none"), f"mark-{uuid.uuid4().hex}"
    assert worker.run(LEAVE.format(mark=mark), then="sleep 600").split() == ["/dev/vda3"]
    assert pull_the_plug(worker, mark)
