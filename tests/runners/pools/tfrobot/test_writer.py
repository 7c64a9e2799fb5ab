"""A pool as tfrobot reads it: within all its bounds, and nothing lost that both know."""

import pytest
from hypothesis import given, strategies as st
from ruamel.yaml import YAML

from runners.jobs.labels import NAMED, Size
from runners.pools.tfrobot import reader, writer
from runners.pools.tfrobot.writer import NodeGroup

sizes = st.builds(
    Size,
    cpu=st.integers(1, writer.MOST_CPU),
    memory_gb=st.integers(1, writer.MOST_GB),
    disk_gb=st.integers(reader.SMALLEST_ROOT, 9999),
)
groups = st.builds(
    NodeGroup,
    name=st.from_regex(r"[a-z0-9_]{1,28}", fullmatch=True),
    vms=st.dictionaries(sizes, st.integers(1, 30), min_size=1, max_size=4),
    nodes=st.integers(1, 40),
    certified=st.booleans(),
    region=st.sampled_from(["", "europe", "americas", "antarctic ocean"]),
)
files = st.lists(groups, min_size=1, max_size=3, unique_by=lambda group: group.name)


def parsed(text: str) -> dict:
    return YAML(typ="safe", pure=True).load(text)


@given(files)
def test_what_is_written_is_read_back_the_same_but_for_more_nodes_where_memory_asks_for_them(wanted):
    text = writer.write(wanted)
    back = reader.read(text).groups
    assert len(back) == len(wanted)
    for before, after, written in zip(wanted, back, parsed(text)["node_groups"], strict=True):
        assert (after.name, after.vms) == (before.name, before.vms)
        assert (after.certified, after.region) == (before.certified, before.region)
        assert after.nodes == before.nodes or (after.nodes > before.nodes and written["free_mru"] <= 256)


@given(files)
def test_no_more_nodes_are_asked_for_than_memory_needs(wanted):
    for group, written in zip(wanted, parsed(writer.write(wanted))["node_groups"], strict=True):
        memory = sum(size.memory_gb * count for size, count in group.vms.items())
        assert written["nodes_count"] <= max(group.nodes, sum(group.vms.values()))
        if memory <= writer.MOST_GB:
            assert written["nodes_count"] == group.nodes


def test_a_pool_of_named_sizes_is_written_in_their_names():
    group = NodeGroup("eu", {NAMED["small"]: 3, NAMED["medium"]: 1}, nodes=2, certified=True, region="europe")
    whole = parsed(writer.write([group], network="main"))
    assert whole["node_groups"] == [
        {
            "name": "eu",
            "nodes_count": 2,
            "free_cpu": 4,
            "free_mru": 24,
            "free_ssd": 150,
            "certified": True,
            "region": "europe",
        }
    ]
    assert [(vms["name"], vms["vms_count"], vms["cpu"], vms["mem"]) for vms in whole["vms"]] == [
        ("small_", 3, 2, 8),
        ("medium_", 1, 4, 16),
    ]
    assert whole["network"] == "main"


@pytest.mark.parametrize("network", ["", "simulated", "local"])
def test_a_network_that_tfrobot_does_not_know_is_left_to_its_environment(network):
    assert "network" not in parsed(writer.write([NodeGroup("a", {NAMED["small"]: 1})], network=network))


def test_it_holds_no_mnemonic_and_one_public_key():
    whole = parsed(writer.write([NodeGroup("a", {NAMED["small"]: 1})]))
    assert "mnemonic" not in whole
    assert whole["ssh_keys"] == {writer.KEY: writer.placeholder()}


def test_a_key_of_ones_own_takes_the_placeholders_place():
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKSnOnR6ySZBVQ8T5sGgyfH1HRNBuDr0Kd5Wm9ZXb1L me"
    assert key in writer.write([NodeGroup("a", {NAMED["small"]: 1})], ssh_key=key)


def test_a_disk_too_small_for_one_of_its_own_is_the_root_file_system():
    small, large = Size(1, 1, 14), Size(1, 1, 15)
    first, second = parsed(writer.write([NodeGroup("a", {small: 1, large: 1})]))["vms"]
    assert first["root_size"] == 14 and "ssd" not in first
    assert second["ssd"] == [{"size": 15, "mount_point": "/data"}] and "root_size" not in second


@pytest.mark.parametrize("size", [Size(33, 8, 50), Size(2, 257, 50)])
def test_a_vm_that_tfrobot_can_not_deploy_is_refused_by_name(size):
    with pytest.raises(writer.Impossible, match=str(size)):
        writer.write([NodeGroup("a", {size: 1})])


def test_notes_stand_above_as_comments():
    text = writer.write(
        [NodeGroup("a", {NAMED["small"]: 1})], notes=["From the pool eu.", "Nodes 7 and 8 left out."]
    )
    assert text.startswith("# From the pool eu.\n# Nodes 7 and 8 left out.\n")


@given(st.text(max_size=60))
def test_any_name_of_a_pool_becomes_one_that_tfrobot_takes(name):
    assert writer.NAME.fullmatch(writer.group_name(name))
