"""This computer as nodes."""

import os
import shutil
from types import SimpleNamespace

import pytest

from practice.grid.vms import host

GIB = 2**30


@pytest.mark.parametrize(
    ("memory", "count"), [(4, 1), (8, 1), (16, 1), (23.4, 2), (32, 3), (64, 4), (512, 4)]
)
def test_there_are_as_many_nodes_as_can_each_carry_a_small_machine(monkeypatch, memory, count):
    monkeypatch.setattr(host, "_memory", lambda: int(memory * GIB))
    assert host.count() == count


def test_together_they_offer_less_memory_than_there_is_and_each_all_processors(tmp_path):
    nodes = host.nodes(3, tmp_path, emulated=True).values()
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert sum(node.mru - node.used_mru for node in nodes) < 0.86 * there
    assert {node.cru for node in nodes} == {os.cpu_count()}


@pytest.mark.parametrize(("emulated", "said"), [(True, "slow for heavy jobs"), (False, "with KVM")])
def test_the_farm_says_how_its_machines_run(tmp_path, emulated, said):
    assert said in host.nodes(1, tmp_path, emulated)[1].farm.name


def test_a_node_can_be_made_out_to_have_a_size_of_its_own(tmp_path):
    node = host.nodes(1, tmp_path, True, host.Size.parse("8,65536,2000"))[1]
    assert (node.cru, node.mru, node.sru) == (8, 64 * GIB, 2000 * GIB)


def test_a_small_machine_fits_a_computer_with_little_of_its_disk_left(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=20 * GIB))
    [node] = host.nodes(1, tmp_path, emulated=True).values()
    assert node.sru - node.used_sru >= 50 * GIB
