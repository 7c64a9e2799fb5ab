"""Pools by API as configurations of tfrobot, there and back."""

import pytest

from runners.models import Pool
from runners.pools.tfrobot import writer as tfrobot_writer
from tests.builders import a_connection, a_node, a_pool
from tests.runners.pools.tfrobot.test_reader import KEY, WHOLE
from tfci.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(team):
    a_node(node_id=1, region="Europe", certified=True)
    a_node(node_id=2, region="Europe", certified=True)
    a_node(node_id=3, region="Europe", certified=True)
    return a_connection(team, name="acme")


def exported(script, pool, **asked):
    return script.get(f"/pools/{pool.pk}/tfrobot", **asked)


def test_a_file_becomes_a_pool_with_a_line_for_each_key(writer, connection):
    answer = writer.post("/pools/import", name="robots", tfrobot=WHOLE)
    assert answer.status == 201, answer.said
    (made,) = answer.said["pools"]
    pool = Pool.objects.get(pk=made["id"])
    assert (pool.name, pool.min_vms, pool.min_distinct_nodes) == ("robots", {"1cpu3gbram40gbssd": 5}, 3)
    assert pool.nodes == {"regions": ["Europe"], "rule": {"certified": True}}
    assert list(pool.connections.all()) == [connection]
    assert {
        "line": 3,
        "key": "node_groups[0].nodes_count",
        "did": "taken",
        "said": "minimum number of nodes",
    } in (answer.said["report"])
    assert AuditEntry.objects.filter(team=pool.team, what="pools.change").count() == 1


def test_a_dry_run_says_the_same_and_makes_nothing(writer, connection):
    dry = writer.post("/pools/import", name="robots", tfrobot=WHOLE, dry_run=True)
    assert (dry.status, dry.said["made"], dry.said["pools"][0]["id"]) == (200, False, None)
    assert not Pool.objects.exists()
    wet = writer.post("/pools/import", name="robots", tfrobot=WHOLE)
    assert wet.said["report"] == dry.said["report"]


def test_what_is_wrong_is_told_with_its_line(writer, connection):
    answer = writer.post("/pools/import", tfrobot=WHOLE.replace("nodes_count: 3", "nodes_count: 0"))
    answer.problem(422)
    assert answer.said["errors"]["tfrobot"] == [
        "Line 3, node_groups[0].nodes_count: must be from 1 to 1000 nodes."
    ]


def test_what_this_grid_lacks_is_told_with_the_line_of_its_group(writer, connection):
    answer = writer.post("/pools/import", tfrobot=WHOLE.replace("region: europe", "region: antarctic"))
    answer.problem(422)
    assert answer.said["errors"]["tfrobot"][0].startswith(
        "Line 2, group_a: No node of this grid stands in “antarctic”"
    )


def test_a_file_of_too_many_groups_says_how_many_are_possible(writer, connection):
    answer = writer.post("/pools/import", tfrobot=with_groups(51))
    assert "node_groups: has 51 entries; the maximum is 50" in answer.problem(422)


def test_wrong_groups_are_told_up_to_a_number(writer, connection):
    text = with_groups(50).replace("region: europe", "region: antarctic")
    answer = writer.post("/pools/import", name="x" * 100, tfrobot=text)
    answer.problem(422)
    assert len(answer.said["errors"]["tfrobot"]) == 50


def with_groups(count):
    """WHOLE with more groups and their VMs."""
    group = WHOLE[WHOLE.index("  - name: group_a") : WHOLE.index("vms:")]
    entry = WHOLE[WHOLE.index("  - name: worker") : WHOLE.index("ssh_keys:")]
    names = [f"group_{number}" for number in range(1, count)]
    groups, entries = ("".join(part.replace("group_a", name) for name in names) for part in (group, entry))
    return WHOLE.replace("vms:\n", f"{groups}vms:\n").replace("ssh_keys:", f"{entries}ssh_keys:")


def test_without_a_linked_organisation_it_says_what_comes_first(writer):
    answer = writer.post("/pools/import", tfrobot=WHOLE)
    answer.problem(422)
    assert "Connect a forge first" in answer.said["errors"]["connections"][0]


def test_groups_of_one_file_become_pools_that_ask_for_their_name(writer, connection):
    entry = WHOLE[WHOLE.index("  - name: worker") : WHOLE.index("ssh_keys:")].replace("group_a", "group_b")
    group = WHOLE[WHOLE.index("  - name: group_a") : WHOLE.index("vms:")].replace("group_a", "group_b")
    text = WHOLE.replace("vms:\n", f"{group}vms:\n").replace("ssh_keys:", f"{entry}ssh_keys:")
    answer = writer.post("/pools/import", name="night", tfrobot=text)
    assert [(pool["name"], pool["labels"]) for pool in answer.said["pools"]] == [
        ("night group_a", ["group_a"]),
        ("night group_b", ["group_b"]),
    ]


def test_a_taken_name_is_a_conflict_and_nothing_is_made(writer, connection):
    a_pool(team=connection.team, name="robots")
    answer = writer.post("/pools/import", name="robots", tfrobot=WHOLE)
    assert "already" in str(answer.said["errors"]) and Pool.objects.count() == 1


def test_a_pool_is_given_as_yaml_and_comes_back_the_same(writer, reader, connection):
    made = writer.post("/pools/import", name="robots", tfrobot=WHOLE).said["pools"][0]
    answer = exported(reader, Pool.objects.get(pk=made["id"]))
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/yaml; charset=utf-8")
    text = answer.said
    assert "mnemonic" not in text and tfrobot_writer.placeholder() in text
    again = writer.post("/pools/import", name="again", tfrobot=text)
    same = ("min_vms", "sizes", "min_distinct_nodes", "max_vms")
    assert {name: again.said["pools"][0][name] for name in same} == {name: made[name] for name in same}


def test_it_carries_ones_own_key(reader, connection):
    pool = a_pool(team=connection.team)
    assert KEY in exported(reader, pool, ssh_key=KEY).said
    refused = exported(reader, pool, ssh_key="nonsense")
    refused.problem(422)
    assert "is not a public SSH key" in refused.said["errors"]["ssh_key"][0]


def test_another_teams_pool_is_not_there(other, connection):
    assert exported(other, a_pool(team=connection.team)).status == 404
