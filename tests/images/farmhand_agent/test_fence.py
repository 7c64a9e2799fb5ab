"""The control group of an order: what is written to the kernel, here to files that stand for it."""

import os
import subprocess

import pytest

from farmhand_agent import fence
from farmhand_agent.fence import Fence


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A folder with the files that cgroup2 would have for the groups `jobs` and `jobs/order-12`."""
    (tmp_path / "cgroup.subtree_control").touch()
    for group in ("jobs", "jobs/order-12"):
        folder = tmp_path / group
        folder.mkdir()
        for name in ("memory.max", "pids.max", "cgroup.subtree_control", "cgroup.procs", "cgroup.kill"):
            (folder / name).touch()
    monkeypatch.setenv("FARMHAND_FENCE", str(tmp_path))
    return tmp_path


class Said(list):
    """`unknown`: what the kernel does not know."""

    unknown = ()


@pytest.fixture
def told(kernel, monkeypatch):
    """What the machine's own group was told to bound, one after the other."""
    said = Said()

    def write(path, value, to_the_kernel=fence.write):
        if path == str(kernel / "cgroup.subtree_control"):
            if value in said.unknown:
                raise OSError(22, "Invalid argument")
            said.append(value)
        to_the_kernel(path, value)

    monkeypatch.setattr(fence, "write", write)
    return said


def test_an_order_is_bounded_and_leaves_room_for_the_agent(kernel, told):
    fence = Fence("order-12", 4000)
    assert fence.path == str(kernel / "jobs/order-12")
    for group in ("jobs", "jobs/order-12"):
        assert int((kernel / group / "memory.max").read_text()) == (4000 - 125) << 20
        assert (kernel / group / "pids.max").read_text() == "4000"
    assert told == ["+memory +pids", "+cpu"]


def test_a_kernel_that_shares_processors_by_no_group_bounds_the_rest(kernel, told):
    told.unknown = ("+cpu",)
    assert Fence("order-12", 4000).path
    assert told == ["+memory +pids"]


@pytest.mark.parametrize("memory, processes", [(256, 1024), (8192, 8192), (500_000, 32768)])
def test_the_number_of_processes_follows_the_memory(kernel, memory, processes):
    assert Fence("order-12", memory).limit == processes


@pytest.mark.parametrize("groups", ["", "/nowhere"])
def test_where_the_image_names_no_groups_or_the_kernel_has_none_all_goes_on_without_a_fence(
    monkeypatch, groups
):
    monkeypatch.setenv("FARMHAND_FENCE", groups)
    fence = Fence("order-12", 4000)
    assert (fence.path, fence.refused()) == ("", 0)
    assert fence.command(["true"])[-1] == "true"
    fence.end()
    fence.remove()


def test_a_kernel_that_lacks_one_of_the_bounds_makes_no_fence(kernel):
    (kernel / "jobs/order-12/pids.max").unlink()
    assert Fence("order-12", 4000).path == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may enter a group and give up being spared")
def test_a_program_enters_the_group_and_is_not_spared_as_the_agent_is(kernel):
    command = Fence("order-12", 4000).command(
        ["sh", "-c", "cat /proc/self/oom_score_adj; echo $0 $1", "a b", "c"]
    )
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "0\na b c\n"
    assert (kernel / "jobs/order-12/cgroup.procs").read_text() == "0\n"


def test_a_refused_process_is_counted(kernel):
    fence = Fence("order-12", 4000)
    assert fence.refused() == 0
    (kernel / "jobs/order-12/pids.events").write_text("max 17\n")
    assert fence.refused() == 17


def test_the_end_kills_all_orders_groups_with_their_containers(kernel):
    Fence("order-12", 4000).end()
    assert (kernel / "jobs/cgroup.kill").read_text() == "1"
