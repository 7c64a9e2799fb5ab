"""Servers by script: what pages say and do, and no secret."""

import pytest

from runners.models import Server
from tests.builders import a_server, a_serving_vm

pytestmark = pytest.mark.django_db

NEW = {
    "name": "docs",
    "app": "pages",
    "size": "small",
    "nodes": {"rule": {"certified": True, "max_price": "0.5"}},
    "answers": {"word": "hello", "reader": "ann", "key": "k3y-of-ann"},
}


def test_the_catalogue_says_what_can_be_deployed_and_what_it_asks(writer):
    apps = {app["name"]: app for app in writer.get("/apps").said}
    assert apps["pages"]["why_not"] == "" and "Kubernetes" in apps["zeroci"]["why_not"]
    assert [(ask["name"], ask["hidden"]) for ask in apps["pages"]["asks"]] == [
        ("word", False),
        ("reader", False),
        ("key", True),
    ]


def test_a_server_is_made_and_wants_its_vm(writer):
    made = writer.post("/servers", **NEW)
    assert made.status == 201 and made.said["state"] == "wanted"
    kept = Server.objects.get()
    assert kept.settings["key"] == "k3y-of-ann"
    assert kept.nodes == {"rule": {"certified": True, "max_price": "0.5000000"}}
    assert "k3y-of-ann" not in str(made.said) and kept.settings["door"] not in str(made.said)


@pytest.mark.parametrize(
    "changes, status, field",
    [
        ({"app": "nothing"}, 422, "app"),
        ({"size": "large"}, 422, "size"),
        ({"answers": {"word": "hello"}}, 422, "answers.reader"),
        ({"nodes": {"countries": ["Atlantis"]}}, 422, "nodes.countries"),
    ],
)
def test_what_is_not_sound_is_told_by_its_field(writer, changes, status, field):
    answer = writer.post("/servers", **NEW | changes)
    assert answer.status == status and field in answer.said["errors"]
    assert not Server.objects.exists()


def test_what_can_not_run_here_is_a_conflict_with_the_reason(writer, settings):
    settings.GRID = "local"
    answer = writer.post("/servers", **NEW)
    assert answer.status == 409 and "VMs of this grid can't be reached" in answer.said["detail"]


def test_one_that_serves_has_its_address(writer):
    vm = a_serving_vm(a_server(writer.team))
    shown = writer.get(f"/servers/{vm.server_id}").said
    assert (shown["state"], shown["vm"]) == ("serving", vm.pk)
    assert shown["address"].startswith("http://127.0.0.1:1") and shown["per_hour"] == "2.1250000"


def test_deleted_it_is_going_and_leaves_the_list_once_it_is_gone(writer):
    server = a_server(writer.team)
    assert writer.delete(f"/servers/{server.pk}").said["closing_at"]
    assert [one["id"] for one in writer.get("/servers").said["items"]] == [server.pk]
    Server.objects.update(closed_at=server.created_at)
    assert writer.get("/servers").said["items"] == []
