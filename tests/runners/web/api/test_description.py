"""The OpenAPI description: complete, sound, and open to all."""

import json
import re
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from jsonschema import Draft202012Validator
from ninja import Schema

from tests.runners.web.api.scripts import description


def operations():
    return [operation for path in description()["paths"].values() for operation in path.values()]


def references(node):
    """All that a description points at."""
    if isinstance(node, dict):
        yield from [node["$ref"]] if "$ref" in node else []
        node = list(node.values())
    for child in node if isinstance(node, list) else []:
        yield from references(child)


@pytest.mark.django_db
def test_it_is_there_for_everybody():
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.json() == description()


def test_all_resources_are_in_it():
    paths = {path.split("/")[3] for path in description()["paths"]}
    assert paths == {
        *(
            "connections",
            "pools",
            "nodes",
            "prices",
            "jobs",
            "vms",
            "apps",
            "servers",
            "events",
            "wallet",
            "deposits",
            "ledger",
            "spend",
            "statements",
            "limits",
            "withdrawals",
        )
    }


def test_operations_have_names_of_their_own():
    names = [operation["operationId"] for operation in operations()]
    assert len(names) == len(set(names))


def test_all_that_it_points_at_is_in_it():
    schemas = description()["components"]["schemas"]
    assert {ref.removeprefix("#/components/schemas/") for ref in references(description())} <= schemas.keys()


def test_shapes_have_names_of_their_own():
    ours = [shape.__name__ for shape in heirs(Schema) if shape.__module__.startswith("runners.web.api.")]
    assert [name for name, times in Counter(ours).items() if times > 1] == []


def heirs(shape):
    return {heir for child in shape.__subclasses__() for heir in (child, *heirs(child))}


def test_its_shapes_are_json_schemas():
    for schema in description()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_errors_are_problems_and_nothing_else_is():
    for operation in operations():
        for status, answer in operation["responses"].items():
            good = "application/yaml" if operation["operationId"] == "export_pool" else "application/json"
            expected = "application/problem+json" if int(status) >= 400 else good
            assert list(answer["content"]) == [expected]


def test_each_operation_tells_the_errors_that_any_may_have():
    for operation in operations():
        assert {"401", "403", "422", "429", "500"} <= operation["responses"].keys()


def test_what_it_takes_it_takes_by_name_only():
    schemas = description()["components"]["schemas"]
    for operation in operations():
        if body := operation.get("requestBody"):
            name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert schemas[name]["additionalProperties"] is False


def test_it_names_no_secret_that_is_shown():
    shown = {
        name: schema
        for name, schema in description()["components"]["schemas"].items()
        if not name.endswith(("New", "Change", "Patch"))
    }
    for word in ("token", "secret", "credential", "digest"):
        assert word not in json.dumps([list(schema.get("properties", {})) for schema in shown.values()])


def manual():
    return (settings.BASE_DIR / "docs/api.md").read_text()


def test_the_manuals_table_has_the_filters_of_each_list():
    rows = re.findall(r"^\| `(\w+)` \|.*\| (?:`([\w ]+)` )?\|$", manual(), re.MULTILINE)
    lists = {name: filters.split() for name, filters in rows}
    assert lists.keys() == {path.split("/")[3] for path in description()["paths"]}
    for name, filters in lists.items():
        taken = parameters("get", f"/{name}") - {"limit", "older", "after", "group_by"}
        assert set(filters) == taken, name


def test_the_manuals_calls_name_what_there_is():
    schemas = description()["components"]["schemas"]
    calls = re.findall(
        r"^curl -sH \"\$AUTH\" (?:-X (\w+) )?\"?\$FARMHAND([^\s\"]+)\"?(?: -d '(.*?)')?$",
        manual(),
        re.M | re.S,
    )
    assert len(calls) == manual().count("$FARMHAND/")
    for method, address, body in calls:
        parts = urlsplit(address)
        method = method.lower() or ("post" if body else "get")
        assert {name for name, _ in parse_qsl(parts.query)} <= parameters(method, parts.path), address
        if body:
            taken = operation_of(method, parts.path)["requestBody"]["content"]["application/json"]["schema"]
            shape = schemas[taken["$ref"].rpartition("/")[2]]
            assert json.loads(body).keys() <= shape["properties"].keys(), address


def parameters(method, path):
    """The names that an operation takes in its query."""
    return {
        said["name"] for said in operation_of(method, path).get("parameters", ()) if said["in"] == "query"
    }


def operation_of(method, path):
    """That of an address without /api/v1."""
    paths = description()["paths"]
    [found] = [known for known in paths if re.fullmatch(re.sub(r"\{\w+\}", r"\\d+", known), f"/api/v1{path}")]
    return paths[found][method]
