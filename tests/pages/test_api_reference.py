"""The API's reference: all of the description, and a call that one tries."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import accessibility, chromium, open_page, sideways
from tests.house import a_house
from tests.runners.web.api.scripts import description
from tfci.accounts import tokens
from tfci.pages.api_reference import Field, json_lines, resources, title_of
from tfci.pages.manual import manual

__all__ = ["chromium", "open_page"]

OPERATIONS = [(path, method) for path, methods in description()["paths"].items() for method in methods]


def page(name):
    return Client().get(reverse("api_resource", args=[name])).text


@pytest.mark.django_db
def test_every_operation_stands_on_the_page_of_its_resource_and_in_the_contents():
    shown = [(f"/api/v1{one.path}", one.method.lower()) for r in resources().values() for one in r.operations]
    assert sorted(shown) == sorted(OPERATIONS)
    contents = Client().get(reverse("api_reference")).text
    for resource in resources().values():
        text = page(resource.name)
        for one in resource.operations:
            assert f'id="{one.name}"' in text and f'href="{resource.url}#{one.name}"' in contents


@pytest.mark.django_db
@pytest.mark.parametrize("name", resources())
def test_every_link_within_a_page_leads_somewhere_once(name):
    text = page(name)
    anchors = re.findall(r'\bid="([^"]+)"', text)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(anchors)


@pytest.mark.django_db
def test_a_resource_that_there_is_not_is_not_found():
    assert Client().get(reverse("api_resource", args=["nothing"])).status_code == 404


def test_the_manuals_search_finds_calls():
    found = [hit.place.url for hit in manual().index.find("rerun job")]
    assert f"{resources()['jobs'].url}#rerun_job" in found


def test_fields_say_what_they_may_be():
    [listing] = [one for one in resources()["jobs"].operations if one.name == "list_jobs"]
    fields = {field.name: field for field in listing.in_query}
    assert (fields["limit"].type, fields["limit"].default) == ("integer", "50")
    assert fields["since"].type == "time" and "queued" in fields["state"].choices
    [pool] = [shape for shape in resources()["pools"].shapes if shape.name == "PoolShown"]
    nodes = next(field for field in pool.fields if field.name == "nodes")
    assert (nodes.type, nodes.shape) == ("object", "Nodes")


def test_too_many_choices_are_not_listed():
    assert Field("code", "string", "", choices=tuple("abcdefghijklmn")).shown_choices == ()


@pytest.mark.parametrize(
    "name, title",
    [("JobShown", "Job"), ("VMShown", "VM"), ("FarmName", "Farm name"), ("ConnectionOut", "Connection")],
)
def test_objects_have_titles(name, title):
    assert title_of(name) == title


def test_json_is_short_where_it_can_be():
    assert json_lines({"a": [1, 2], "b": {"c": True}}) == '{\n  "a": [1, 2],\n  "b": {"c": true}\n}'


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_a_call_is_tried_with_a_token_that_nothing_keeps(open_page):
    house = a_house(timezone.now())
    _, secret = tokens.make(house.team, "me", "read", None, timezone.now())
    page = open_page(Client(), reverse("api_resource", args=["jobs"]), viewport={"width": 360, "height": 740})
    call = page.get_by_role("region", name="Read job")
    call.get_by_text("Try it").click()
    send = call.get_by_role("button", name="Send GET")
    send.click()
    call.get_by_text("Paste your API token").wait_for()
    expect(page.get_by_label("Your API token")).to_be_focused()
    page.get_by_label("Your API token").fill(secret.reveal())
    call.get_by_label("pk, required").fill(str(house.job.pk))
    send.click()
    call.get_by_text("200 OK").wait_for()
    expect(call.get_by_label("The answer")).to_contain_text('"repository": "kestrel/app"')
    assert accessibility(page) == "" and sideways(page) <= 0
    assert page.mistakes == []
    page.get_by_label("Your API token").fill("fh_wrong")
    send.click()
    call.get_by_text("401 Unauthorized").wait_for()
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    assert secret.reveal() not in kept
    page.reload()
    assert page.get_by_label("Your API token").input_value() == ""
