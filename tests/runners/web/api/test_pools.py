"""Pools by API: made, changed and deleted through the form that pages use."""

import pytest

from runners.models import Job, Pool
from tests.builders import NOON, a_connection, a_job, a_node, a_pool
from tfci.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(team):
    return a_connection(team, name="acme")


def test_name_and_organisations_are_enough(writer, connection):
    answer = writer.post("/pools", name="main", connections=[connection.pk])
    assert answer.status == 201, answer.said
    made = {
        name: answer.said[name]
        for name in ("name", "connections", "labels", "sizes", "default_size", "max_vms")
    }
    assert made == {
        "name": "main",
        "connections": [connection.pk],
        "labels": [],
        "sizes": ["small", "medium", "large", "xlarge"],
        "default_size": "small",
        "max_vms": 10,
    }
    assert writer.get(f"/pools/{answer.said['id']}").said == answer.said == writer.get("/pools").items[0]


def test_everything_said_is_kept(writer, connection):
    a_node(node_id=42, farm_id=7, country="Belgium", region="Europe", certified=True)
    said = {
        "name": "main",
        "connections": [connection.pk],
        "repositories": ["acme/app"],
        "labels": ["ours"],
        "nodes": {
            "ids": [42],
            "farms": [7],
            "countries": ["Belgium"],
            "regions": ["Europe"],
            "rule": {"certified": True, "min_success_percent": 90, "max_price": "0.5000000", "pack": True},
        },
        "min_distinct_nodes": 1,
        "sizes": ["small", "8x"],
        "default_size": "8x",
        "min_vms": {"small": 1},
        "schedule": [
            {"size": "8x", "vms": 2, "weekdays": ["mon", "fri"], "from_hour": 22, "to_hour": 6},
        ],
        "max_vms": 4,
        "max_job_minutes": 30,
        "linger_minutes": 0,
        "cpu_target": 80,
        "cpu_minutes": 15,
        "protection": "ram",
        "reuse": "organisation",
        "container_image": "node:22",
        "rerun_lost": True,
        "end_jobs_at_limit": True,
        "arm64_emulated": True,
        "position": 2,
    }
    answer = writer.post("/pools", **said)
    assert answer.status == 201, answer.said
    assert {name: answer.said[name] for name in said} == said


@pytest.mark.parametrize("said", [{}, {"position": None}])
def test_a_pool_without_a_position_comes_after_all_others(writer, connection, said):
    for name, place in (("first", 0), ("closed", 9), ("second", 4)):
        a_pool(
            connection.team,
            [connection],
            name=name,
            position=place,
            closed_at=NOON if name == "closed" else None,
        )
    made = writer.post("/pools", name="last", connections=[connection.pk], **said)
    assert (made.status, made.said["position"]) == (201, 5)
    assert writer.patch(f"/pools/{made.said['id']}", max_vms=3, **said).said["position"] == 5


def test_a_new_pool_takes_the_jobs_that_wait_for_it(writer, connection):
    job = a_job(connection, state="refused", pool=None)
    pk = writer.post("/pools", name="main", connections=[connection.pk]).said["id"]
    job.refresh_from_db()
    assert (job.state, job.pool_id) == (Job.State.QUEUED, pk)


def test_a_name_in_use_is_a_conflict(writer, connection):
    writer.post("/pools", name="main", connections=[connection.pk])
    answer = writer.post("/pools", name="main", connections=[connection.pk])
    assert "Choose another name" in answer.problem(409)
    assert list(answer.said["errors"]) == ["name"]
    assert Pool.objects.count() == 1


@pytest.mark.parametrize(
    "said, field",
    [
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"connections": []}, "connections"),
        ({"connections": [2**62]}, "connections"),
        ({"connections": [2**64]}, "connections.0"),
        ({"connections": 1}, "connections"),
        ({"repositories": ["app"]}, "repositories"),
        ({"labels": ["a b"]}, "labels"),
        ({"labels": ["a\x00"]}, "labels"),
        ({"nodes": {"ids": [7]}}, "nodes.ids"),
        ({"nodes": {"ids": ["x"]}}, "nodes.ids.0"),
        ({"nodes": {"farms": [7]}}, "nodes.farms"),
        ({"nodes": {"countries": ["Belgum"]}}, "nodes.countries"),
        ({"nodes": {"regions": ["Moon"]}}, "nodes.regions"),
        ({"nodes": {"continents": []}}, "nodes.continents"),
        ({"nodes": {"rule": {"cheap": True}}}, "nodes.rule.cheap"),
        ({"nodes": {"rule": {"certified": "perhaps"}}}, "nodes.rule.certified"),
        ({"nodes": {"rule": {"min_success_percent": 101}}}, "nodes.rule.min_success_percent"),
        ({"nodes": {"rule": {"max_price": "cheap"}}}, "nodes.rule.max_price"),
        ({"nodes": {"rule": {"max_price": "-1"}}}, "nodes.rule.max_price"),
        ({"nodes": []}, "nodes"),
        ({"min_distinct_nodes": 5}, "min_distinct_nodes"),
        ({"sizes": []}, "sizes"),
        ({"sizes": ["huge"]}, "sizes"),
        ({"default_size": "64x"}, "default_size"),
        ({"min_vms": {"64x": 1}}, "min_vms"),
        ({"min_vms": {"small": -1}}, "min_vms"),
        ({"min_vms": {"small": 11}}, "min_vms"),
        ({"max_vms": 0}, "max_vms"),
        ({"max_vms": "many"}, "max_vms"),
        ({"max_vms": None}, "max_vms"),
        ({"max_job_minutes": 10**6}, "max_job_minutes"),
        ({"linger_minutes": -1}, "linger_minutes"),
        ({"position": -1}, "position"),
        ({"maximum": 3}, "maximum"),
        ({"id": 3}, "id"),
    ],
)
def test_each_mistake_is_told_under_its_field_when_made_and_when_changed(writer, connection, said, field):
    pool = a_pool(connection.team, [connection])
    for answer in (
        writer.post("/pools", **{"name": "main", "connections": [connection.pk]} | said),
        writer.patch(f"/pools/{pool.pk}", **said),
    ):
        answer.problem(422)
        assert list(answer.said["errors"]) == [field]
        assert all(sentence.endswith(".") for sentence in answer.said["errors"][field])
        assert field in answer.said["detail"]
    assert Pool.objects.count() == 1
    assert not AuditEntry.objects.filter(what="pools.change").exists()


def test_several_mistakes_are_told_at_once(writer):
    answer = writer.post("/pools", zork=1, max_vms="x")
    answer.problem(422)
    assert set(answer.said["errors"]) == {"name", "connections", "zork", "max_vms"}


def test_another_teams_organisation_is_none(writer):
    answer = writer.post("/pools", name="main", connections=[a_connection().pk])
    assert "has no connection" in answer.problem(422)


def test_a_change_leaves_the_rest_as_it_is(writer, connection):
    a_node(node_id=42)
    said = {
        "name": "main",
        "connections": [connection.pk],
        "labels": ["ours"],
        "nodes": {"ids": [42]},
        "min_vms": {"small": 1},
    }
    made = writer.post("/pools", **said).said
    changed = writer.patch(f"/pools/{made['id']}", max_vms=3)
    assert changed.status == 200
    assert changed.said == made | {"max_vms": 3}


def test_nodes_are_replaced_as_a_whole(writer, connection):
    a_node(node_id=42, country="Belgium")
    pool = a_pool(connection.team, [connection], nodes={"ids": [42]})
    assert writer.patch(f"/pools/{pool.pk}", nodes={"countries": ["belgium"]}).said["nodes"] == {
        "ids": [],
        "farms": [],
        "countries": ["Belgium"],
        "regions": [],
        "rule": {"certified": None, "min_success_percent": None, "max_price": None, "pack": None},
    }


def test_a_change_is_in_the_audit_log_with_both_sides(writer, connection):
    pool = a_pool(connection.team, [connection], max_vms=10)
    writer.patch(f"/pools/{pool.pk}", max_vms=3)
    entry = AuditEntry.objects.get(what="pools.change")
    assert (entry.who, entry.before["max_vms"], entry.after["max_vms"]) == (str(writer.token), 10, 3)


def test_deleting_begins_to_drain_and_twice_is_no_error(writer, connection):
    pool = a_pool(connection.team, [connection])
    first = writer.delete(f"/pools/{pool.pk}")
    assert (first.status, first.said["closing_at"] is None) == (202, False)
    assert writer.delete(f"/pools/{pool.pk}").said["closing_at"] == first.said["closing_at"]
    assert AuditEntry.objects.filter(what="pools.change").count() == 1


def test_a_pool_that_is_being_removed_changes_no_more(writer, connection):
    pool = a_pool(connection.team, [connection], closing_at=NOON)
    assert "being deleted" in writer.patch(f"/pools/{pool.pk}", max_vms=3).problem(409)


def test_a_pool_that_is_gone_stands_in_no_list_but_can_be_read(reader, connection):
    pool = a_pool(connection.team, [connection], closing_at=NOON, closed_at=NOON)
    assert reader.get("/pools").items == []
    assert reader.get(f"/pools/{pool.pk}").said["closed_at"] == "2026-06-01T12:00:00.000Z"


def test_a_list_costs_the_same_whatever_its_length(reader, connection, django_assert_max_num_queries):
    for _ in range(10):
        a_pool(connection.team, [connection])
    reader.get("/pools")
    with django_assert_max_num_queries(4):  # the token, its use, pools, organisations
        assert len(reader.get("/pools").items) == 10
