"""tfrobot's configurations as pools: what is taken, and every refusal with its line."""

import json

import pytest

from runners.jobs.labels import Size
from runners.pools.tfrobot import reader
from runners.pools.tfrobot.document import UnreadableDocument

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKSnOnR6ySZBVQ8T5sGgyfH1HRNBuDr0Kd5Wm9ZXb1L me"
WHOLE = f"""\
node_groups:
  - name: group_a
    nodes_count: 3
    free_cpu: 2
    free_mru: 16
    free_ssd: 150
    free_hdd: 50
    dedicated: false
    certified: yes
    region: europe
vms:
  - name: worker
    vms_count: 5
    node_group: group_a
    cpu: 1
    mem: 2.5
    ssd:
      - size: 15
        mount_point: /mnt/ssd
    volume:
      - size: 15
        mount_point: /mnt/vol
    mycelium_ip: true
    flist: https://hub.grid.tf/tf-official-apps/base:latest.flist
    entry_point: /sbin/zinit init
    root_size: 10
    ssh_key: mine
    env_vars:
      password: hunter2
ssh_keys:
  mine: {KEY}
mnemonic: one two three
network: dev
max_retries: 5
colour: blue
"""


def read(text: str = WHOLE) -> reader.Read:
    return reader.read(text)


def changed(old: str, new: str) -> str:
    assert WHOLE.count(old) == 1, old
    return WHOLE.replace(old, new)


def wrongs(text: str) -> list[str]:
    with pytest.raises(UnreadableDocument) as refused:
        reader.read(text)
    return [str(wrong) for wrong in refused.value.errors]


def test_a_group_is_taken_with_its_vms():
    (group,) = read().groups
    assert (group.name, group.nodes, group.certified, group.region) == ("group_a", 3, True, "europe")
    assert group.vms == {Size(1, 3, 40): 5}
    assert read().at == [2]


def test_each_key_has_a_line_that_says_what_became_of_it():
    said = {line.key: (line.line, line.did) for line in read().lines}
    assert said["node_groups[0].nodes_count"] == (3, "taken")
    assert said["node_groups[0].free_mru"] == (5, "translated")
    assert said["node_groups[0].dedicated"] == (8, "ignored")
    assert said["vms[0].ssd"] == (17, "translated")
    assert said["vms[0].env_vars"] == (28, "ignored")
    assert said["ssh_keys.mine"] == (31, "ignored")
    assert said["mnemonic"] == (32, "ignored")
    assert said["colour"] == (35, "ignored")
    inside = ("node_groups", "vms", "ssh_keys", "password", "size", "mount_point")
    names = [row.strip(" -").partition(":")[0] for row in WHOLE.splitlines()]
    assert sorted(key.rpartition(".")[2] for key in said) == sorted(n for n in names if n not in inside)


def test_memory_is_rounded_up_and_says_so():
    assert any(line.key == "vms[0].mem" and "rounded up to 3 GB" in line.said for line in read().lines)


def test_nothing_secret_of_it_is_said_again():
    shown = repr(read())
    assert "hunter2" not in shown and "one two three" not in shown


def test_json_is_read_as_well():
    plain = {
        "node_groups": [{"name": "a", "nodes_count": 1, "free_cpu": 2, "free_mru": 8, "free_ssd": 50}],
        "vms": [
            {
                **{"name": "w", "vms_count": 1, "node_group": "a", "cpu": 2, "mem": 8},
                **{"ssd": [{"size": 50, "mount_point": "/data"}], "ssh_key": "mine"},
                **{"flist": "https://hub.grid.tf/a.flist", "entry_point": "/init"},
            }
        ],
        "ssh_keys": {"mine": KEY},
    }
    (group,) = read(json.dumps(plain, indent=1)).groups
    assert group.vms == {Size(2, 8, 50): 1}


def test_a_group_without_vms_becomes_no_pool():
    more = "  - name: spare\n    nodes_count: 1\n    free_cpu: 1\n    free_mru: 1\nvms:\n"
    found = read(changed("vms:\n", more))
    assert [group.name for group in found.groups] == ["group_a"]
    assert any(line.key == "node_groups[1]" and line.did == "ignored" for line in found.lines)


def test_two_entries_of_one_size_add_up():
    entry = WHOLE[WHOLE.index("  - name: worker") : WHOLE.index("ssh_keys:")].replace("worker", "other")
    (group,) = read(
        changed("ssh_keys:", entry + "ssh_keys:").replace("free_ssd: 150", "free_ssd: 300")
    ).groups
    assert group.vms == {Size(1, 3, 40): 10}


# --- Refusals, each of which tfrobot has too ------------------------------------------------------------------------

REFUSED = [
    ("name: group_a", "name: Group-A", "line 2, node_groups[0].name: may have small letters"),
    ("nodes_count: 3", "nodes_count: 0", "line 3, node_groups[0].nodes_count: must be from 1"),
    ("nodes_count: 3", "nodes_count: many", "line 3, node_groups[0].nodes_count: must be a number"),
    ("nodes_count: 3", "nodes_count: 1.5", "line 3, node_groups[0].nodes_count: must be a whole number"),
    ("nodes_count: 3", "nodes_count: -1", "line 3, node_groups[0].nodes_count: must be a number of 0 or more"),
    ("free_cpu: 2", "free_cpu: 33", "line 4, node_groups[0].free_cpu: must be from 1 to 32 processors"),
    ("free_mru: 16", "free_mru: 257", "line 5, node_groups[0].free_mru: must be from 0.25 to 256 GB"),
    ("dedicated: false", "dedicated: maybe", "line 8, node_groups[0].dedicated: must be true or false"),
    ("name: worker", "name: Worker", "line 12, vms[0].name: may have small letters"),
    ("vms_count: 5", "vms_count: 0", "line 13, vms[0].vms_count: must be from 1"),
    ("node_group: group_a", "node_group: group_b", "line 12, vms[0].node_group: there is no group “group_b”"),
    ("cpu: 1\n", "cpu: 0\n", "line 15, vms[0].cpu: must be from 1 to 32 processors"),
    ("mem: 2.5", "mem: 0.1", "line 16, vms[0].mem: must be from 0.25 to 256 GB"),
    ("mem: 2.5", "mem: .nan", "line 16, vms[0].mem: must be a number"),
    ("- size: 15\n        mount_point: /mnt/ssd", "- size: 14\n        mount_point: /a", "line 18, vms[0].ssd[0].size"),
    ("mount_point: /mnt/vol", 'mount_point: ""', "line 22, vms[0].volume[0].mount_point: must not be empty"),
    ("base:latest.flist", "base:latest.tar", "line 24, vms[0].flist: must be the address of an flist"),
    ("entry_point: /sbin/zinit init", "entry_point:", "line 25, vms[0].entry_point: must not be empty"),
    ("root_size: 10", "root_size: 10241", "line 26, vms[0].root_size: must be from 0 to 10240 GB"),
    ("ssh_key: mine", "ssh_key: yours", "line 27, vms[0].ssh_key: there is no key “yours” under ssh_keys"),
    (KEY, "nonsense", "line 31, ssh_keys.mine: is not a public SSH key"),
    ("network: dev", "network: moon", "line 33, network: must be one of main, test, qa, dev"),
    ("max_retries: 5", "max_retries: often", "line 34, max_retries: must be a number, not “often”"),
    ("cpu: 1\n", "cpu: 3\n", "line 4, node_groups[0].free_cpu: its VMs need 3 processors, and the group offers 2"),
    ("free_mru: 16", "free_mru: 4", "line 5, node_groups[0].free_mru: its VMs need 12.5 GB of memory in all"),
    ("free_ssd: 150", "free_ssd: 50", "line 6, node_groups[0].free_ssd: its VMs need 200 GB of disk in all"),
    ("mycelium_ip: true", "public_ip4: true", "line 2, node_groups[0].public_ip4: its VMs need 5 public"),
    ("mycelium_ip: true", "cpu: 1", "line 23, vms[0].cpu: appears twice"),
    ("colour: blue", "node_groups: []", "line 35, node_groups: appears twice"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "sentence"), REFUSED)
def test_what_tfrobot_refuses_is_refused_with_its_line(old, new, sentence):
    assert any(wrong.startswith(sentence) for wrong in wrongs(changed(old, new))), wrongs(changed(old, new))


@pytest.mark.parametrize("missing", ["node_groups", "vms", "ssh_keys"])
def test_each_part_is_needed(missing):
    text = WHOLE.replace(f"{missing}:", f"not_{missing}:")
    assert any(f", {missing}: must" in wrong for wrong in wrongs(text))


def test_two_groups_of_one_name_are_refused():
    again = "  - name: group_a\n    nodes_count: 1\n    free_cpu: 1\n    free_mru: 1\nvms:\n"
    assert "line 11, node_groups[1].name: is also the name of another group" in wrongs(
        changed("vms:\n", again)
    )


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_its_lines():
    found = wrongs(changed("cpu: 1\n", "cpu: 0\n").replace("nodes_count: 3", "nodes_count: 0"))
    assert [wrong.partition(",")[0] for wrong in found] == ["line 3", "line 15"]


# --- Limits of our own ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entries, most", [("node_groups", 50), ("vms", 100)])
def test_a_list_that_is_too_long_is_one_mistake_however_wrong_its_entries(entries, most):
    found = wrongs(json.dumps({entries: [{"name": "Wrong"}] * (most + 1)}))
    assert f"line 1, {entries}: has {most + 1} entries; the maximum is {most}: split the file" in found
    assert not [said for said in found if f"{entries}[" in said]


def test_of_very_many_mistakes_the_first_are_told():
    lines = "".join(f"  bad{number}: x\n" for number in range(4_500))
    found = wrongs(changed("  mine:", f"{lines}  mine:").replace("nodes_count: 3", "nodes_count: 0"))
    assert len(found) == 50 and found[0].startswith("line 3")
