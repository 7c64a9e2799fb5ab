"""A pool as people fill it in and scripts send it: each mistake gets its sentence, and nothing wrong gets through."""

import pytest
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict

from billing import limits
from runners.models import Pool
from runners.web.forms import PoolForm
from tests.builders import NOON, a_connection, a_node, a_pool, a_team
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db


def a_form(team=None, pool=None, **said):
    team = team or a_team()
    connection = Connection.objects.of(team).first() or a_connection(team, name="acme")
    data = (
        PoolForm.data_of(pool or Pool())
        | ({} if pool else {"name": "main", "connections": [connection.pk]})
        | said
    )
    return PoolForm(team, data, pool=pool)


def the_error(form, field):
    assert list(form.errors) == [field], form.errors
    return " ".join(form.errors[field])


def test_a_pool_needs_only_a_name_and_an_organisation():
    form = a_form()
    assert form.is_valid(), form.errors
    fresh = Pool()
    for name in ("sizes", "default_size", "max_vms", "max_job_minutes", "linger_minutes", "nodes", "min_vms"):
        assert getattr(form.instance, name) == getattr(fresh, name)


def test_everything_said_comes_to_the_row():
    a_node(node_id=42, farm_id=7, country="Belgium", region="Europe", certified=True)
    said = {
        "repositories": ["acme/app", "Acme/lib"],
        "anchors": ["ours", "gpu"],
        "node_ids": ["42"],
        "farms": [7],
        "countries": ["belgium"],
        "regions": ["Europe"],
        "certified": True,
        "min_success_percent": 90,
        "min_distinct_nodes": 1,
        "sizes": ["Small", "4cpu8gbram50gbssd"],
        "default_size": "Small",
        "min_vms": {"small": 2},
        "max_vms": 4,
        "max_job_minutes": 30,
        "linger_minutes": 0,
        "protection": "ram",
        "reuse": "organisation",
        "container_image": "docker.io/library/node:22",
        "rerun_lost": True,
        "end_jobs_at_limit": True,
        "arm64_emulated": True,
        "position": 3,
    }
    form = a_form(**said)
    assert form.is_valid(), form.errors
    pool = form.instance
    assert pool.nodes == {
        "ids": [42],
        "farms": [7],
        "countries": ["Belgium"],
        "regions": ["Europe"],
        "rule": {"certified": True, "min_success_percent": 90},
    }
    assert (pool.sizes, pool.default_size) == (["small", "4cpu8gbram50gbssd"], "small")
    assert (pool.min_vms, pool.repositories, pool.anchors) == (
        {"small": 2},
        ["acme/app", "Acme/lib"],
        ["ours", "gpu"],
    )


def test_a_page_sends_the_same_as_texts():
    a_node(node_id=42, country="Korea, Republic of", certified=True)
    team = a_team()
    connection = a_connection(team, name="acme")
    text = (
        f"name=main&connections={connection.pk}&sizes=small&sizes= Medium &sizes=8x&sizes=&default_size=small"
        "&min_vms=2&min_vms=1&min_vms=&min_vms=0&node_ids=42&countries=Korea, Republic of%0D%0A&certified=on"
        "&repositories=acme/app, acme/lib&max_vms=10&max_job_minutes=60&linger_minutes=5&position=0"
        "&min_distinct_nodes=1"
    )
    form = PoolForm(team, QueryDict(text))
    assert form.is_valid(), form.errors
    assert form.instance.sizes == ["small", "medium", "8x"]
    assert form.instance.min_vms == {"small": 2, "medium": 1}
    assert form.instance.nodes == {
        "ids": [42],
        "countries": ["Korea, Republic of"],
        "rule": {"certified": True},
    }
    assert form.instance.repositories == ["acme/app", "acme/lib"]


def test_a_pool_as_data_of_its_own_form_changes_nothing():
    a_node(node_id=42, certified=True)
    connection = a_connection(a_team(), name="acme")
    nodes = {"ids": [42], "rule": {"certified": True}}
    pool = a_pool(connection.team, [connection], nodes=nodes, min_vms={"small": 1}, repositories=["acme/app"])
    form = a_form(connection.team, pool=pool)
    assert form.is_valid(), form.errors
    assert form.instance.nodes == nodes
    assert form.instance.min_vms == {"small": 1}


def test_a_form_of_a_pool_shows_its_values():
    pool = a_pool(nodes={"ids": [42, 43], "rule": {"min_success_percent": 90}}, min_vms={"small": 2})
    form = PoolForm(pool.team, pool=pool)
    page = form.as_p()
    assert "42\n43</textarea>" in page
    assert [(row.size, row.count) for row in form.size_rows[:2]] == [("small", "2"), ("medium", "0")]
    assert 'name="min_success_percent" value="90"' in page


def test_a_form_that_failed_shows_what_was_written():
    form = PoolForm(a_team(), QueryDict("name=&sizes=huge&sizes=&min_vms=two&min_vms=1"))
    assert [(row.size, row.count) for row in form.size_rows] == [("huge", "two"), ("", "1")]
    assert form.size_rows[0].fault and not form.size_rows[1].fault


@pytest.mark.parametrize(
    "field, said, sentence",
    [
        ("name", {"name": " "}, "required"),
        ("name", {"name": "x" * 101}, "at most 100"),
        ("connections", {"connections": []}, "Choose at least one connection"),
        ("connections", {"connections": [999999]}, "The team has no connection 999999"),
        ("repositories", {"repositories": ["app"]}, "write it like owner/name"),
        (
            "repositories",
            {"repositories": ["other/app"]},
            "other/app belongs to none of the selected connections",
        ),
        ("anchors", {"anchors": ["two words"]}, "no spaces"),
        ("anchors", {"anchors": ["arm64"]}, "tick “Run arm64 jobs by emulation”"),
        ("protection", {"protection": "rot13"}, "rot13"),
        ("reuse", {"reuse": "everybody"}, "everybody"),
        ("reuse", {"reuse": "repository", "protection": "none"}, "stays readable on a plain disk"),
        ("anchors", {"anchors": ["a\x00b"]}, "control characters"),
        ("anchors", {"anchors": ["a\u202eb"]}, "invisible characters"),
        ("name", {"name": "main\n\nYour account is locked"}, "line breaks"),
        ("anchors", {"anchors": [str(n) for n in range(21)]}, "At most 20"),
        ("node_ids", {"node_ids": [7]}, "There is no node 7 on this grid"),
        ("node_ids", {"node_ids": ["x"]}, "“x” is not a number of the grid"),
        ("node_ids", {"node_ids": [2**63]}, "not a number of the grid"),
        ("farms", {"farms": [7]}, "There is no farm 7"),
        ("countries", {"countries": ["Belgum"]}, "No node of this grid stands in “Belgum”"),
        ("regions", {"regions": ["Moon"]}, "No node of this grid stands in “Moon”"),
        ("min_success_percent", {"min_success_percent": 101}, "less than or equal to 100"),
        ("min_distinct_nodes", {"min_distinct_nodes": 0}, "greater than or equal to 1"),
        ("sizes", {"sizes": []}, "required"),
        ("sizes", {"sizes": ["huge"]}, "“huge” is not a size"),
        ("sizes", {"sizes": ["4cpu8gb-arm64"]}, "x86-64"),
        ("default_size", {"default_size": "linux"}, "“linux” is not a size"),
        ("default_size", {"default_size": "64x"}, "largest size has"),
        ("min_vms", {"min_vms": {"64x": 1}}, "largest size has"),
        ("min_vms", {"min_vms": {"linux": 1}}, "“linux” is not a size"),
        ("min_vms", {"min_vms": "small two"}, "Send a number for each size"),
        ("min_vms", {"min_vms": {"small": 1, "2cpu8gbram50gbssd": 1}}, "Two entries name the same size"),
        (
            "min_vms",
            {"min_vms": {"small": 9}, "max_vms": 8},
            "9 VMs kept ready are more than the maximum of 8",
        ),
        ("min_vms", {"min_vms": {"small": -1}}, "0 or more"),
        ("max_vms", {"max_vms": 0}, "greater than or equal to 1"),
        ("max_job_minutes", {"max_job_minutes": 0}, "greater than or equal to 1"),
        ("linger_minutes", {"linger_minutes": -1}, "greater than or equal to 0"),
        ("position", {"position": "first"}, "whole number"),
    ],
)
def test_each_mistake_of_a_pool_gets_its_sentence(field, said, sentence):
    assert sentence in the_error(a_form(**said), field)


def test_a_grid_whose_vms_can_write_their_image_lets_none_be_reused(settings):
    settings.GRID = "main"
    assert "can write what they start from" in the_error(a_form(reuse="organisation"), "reuse")


def test_what_a_form_leaves_out_of_protection_stays_as_it_was():
    pool = a_pool(protection="ram", reuse="repository")
    form = a_form(pool.team, pool, protection="", reuse="")
    assert form.is_valid(), form.errors
    assert (form.instance.protection, form.instance.reuse) == ("ram", "repository")


@pytest.mark.parametrize(
    "field, words",
    [
        ("max_vms", "The operator limits this team to 5 VMs. Enter 5 or less"),
        ("max_job_minutes", "The operator limits this team to 30 minutes for a job. Enter 30 or less"),
    ],
)
def test_what_is_over_the_operators_limit_is_refused_with_the_limit(field, words):
    team = a_team()
    limits.change(team, limits.TeamCaps(max_vms=5, max_job_minutes=30), "operator", NOON)
    within = {"max_vms": 5, "max_job_minutes": 30}
    assert a_form(team, **within).is_valid()
    assert words in the_error(a_form(team, **within | {field: 31}), field)


def test_a_larger_number_from_before_the_limit_stays_and_can_only_be_lowered():
    pool = a_pool(max_vms=50)
    limits.change(pool.team, limits.TeamCaps(max_vms=5), "operator", NOON)
    assert a_form(pool.team, pool, name="other").is_valid()
    assert "max_vms" in a_form(pool.team, pool, max_vms=40).errors
    assert a_form(pool.team, pool, max_vms=5).is_valid()


def test_several_mistakes_are_told_at_once():
    form = a_form(anchors=["arm", "a b"], max_vms=0)
    assert set(form.errors) == {"anchors", "max_vms"}
    assert len(form.errors["anchors"]) == 2


@pytest.mark.parametrize(
    "choice, least, there",
    [
        ({"countries": ["Chile"]}, 2, 1),
        ({"node_ids": [1, 2], "certified": True}, 2, 1),
        ({}, 3, 2),
    ],
)
def test_a_choice_holds_as_many_nodes_as_are_asked_for(choice, least, there):
    a_node(node_id=1, country="Belgium", certified=True)
    a_node(node_id=2, country="Chile")
    team = a_team()
    form = a_form(team, **choice, min_distinct_nodes=least)
    assert f"Enter {there} or less" in the_error(form, "min_distinct_nodes")
    assert a_form(team, **choice, min_distinct_nodes=there).is_valid()


@pytest.mark.parametrize(
    "choice, field",
    [
        ({"countries": ["Chile"], "certified": True}, "countries"),
        ({"certified": True}, "certified"),
    ],
)
def test_a_choice_without_a_node_is_an_error_at_what_was_chosen(choice, field):
    a_node(node_id=1, country="Chile")
    assert "No node of the grid matches" in the_error(a_form(**choice), field)


def test_a_form_that_was_opened_before_somebody_changed_the_pool_is_refused_once():
    pool = a_pool(team := a_team())
    opened = PoolForm(team, pool=pool).version
    assert a_form(team, pool, version=opened).is_valid()
    Pool.objects.filter(pk=pool.pk).update(max_vms=3)
    changed = Pool.objects.get(pk=pool.pk)
    form = a_form(team, changed, version=opened)
    assert [error.code for error in form.errors.as_data()[NON_FIELD_ERRORS]] == ["changed"]
    assert a_form(team, changed, version=form.version).is_valid()
    assert a_form(team, changed).is_valid()


def test_a_pool_of_a_linked_repository_may_name_it_and_no_other():
    repository = a_connection(team := a_team(), name="acme/app", level="repo")
    assert a_form(team, connections=[repository.pk], repositories=["acme/app"]).is_valid()
    form = a_form(team, connections=[repository.pk], repositories=["acme/web"])
    assert "belongs to none" in the_error(form, "repositories")


def test_the_organisation_of_another_team_is_none():
    assert "has no connection" in the_error(a_form(connections=[a_connection().pk]), "connections")


def test_an_organisation_that_is_being_unlinked_is_none():
    team = a_team()
    leaving = a_connection(team, disconnecting_at=NOON)
    assert "has no connection" in the_error(a_form(team, connections=[leaving.pk]), "connections")


def test_a_pool_keeps_an_organisation_that_is_being_unlinked():
    team = a_team()
    leaving = a_connection(team, disconnecting_at=NOON)
    assert a_form(team, pool=a_pool(team, [leaving]), max_vms=3).is_valid()


def test_a_name_is_taken_by_a_pool_of_the_same_team_only():
    team = a_team()
    a_pool(name="main")
    assert a_form(team).is_valid()
    a_pool(team, name="main")
    form = a_form(team)
    assert "there already" in the_error(form, "name")
    assert form.has_error("name", "taken")


def test_a_pool_that_is_being_removed_holds_its_name_until_it_is_gone():
    team = a_team()
    pool = a_pool(team, name="main", closing_at=NOON)
    assert "still being removed" in the_error(a_form(team), "name")
    Pool.objects.filter(pk=pool.pk).update(closed_at=NOON)
    assert a_form(team).is_valid()


@pytest.mark.parametrize(
    "image", ["node:22", "docker.io/library/node", "git.example.org:3000/a/b@sha256:" + 64 * "a"]
)
def test_a_container_image_is_kept_as_docker_writes_it(image):
    form = a_form(container_image=image)
    assert form.is_valid(), form.errors
    assert form.instance.container_image == image


@pytest.mark.parametrize(
    "image", ["node 22", "docker://node:22", "-v", "/node", "node:22 --privileged", "Node\n"]
)
def test_what_is_no_image_is_refused(image):
    assert "as Docker does" in a_form(container_image=image).errors["container_image"][0]


def test_a_container_is_refused_where_a_forges_runner_starts_none(settings):
    connection = a_connection(a_team(), name="hub", forge="github")
    form = a_form(connection.team, connections=[connection.pk], container_image="node:22")
    assert form.errors["container_image"] == [
        "Runners of hub start no container that a pool names. Leave it empty."
    ]
    practice = a_connection(a_team(), name="try", url="http://127.0.0.1:9999")
    settings.PRACTICE_FORGE = practice.url
    assert (
        "container_image"
        in a_form(practice.team, connections=[practice.pk], container_image="node:22").errors
    )
