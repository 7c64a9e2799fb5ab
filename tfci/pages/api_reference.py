"""The API's OpenAPI description as what the reference shows: operations by resource, and the objects they speak of."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from http import HTTPStatus
from typing import Any

from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from runners.web.api import v1
from tfci.core.untyped import Json
from tfci.pages import markdown

PREFIX = "/api/v1"
REASON = "ReasonShown"  # the object whose codes have a page of their own
EVERYWHERE = {"401", "403", "422", "429", "500"}  # what any operation may answer
ONE_LINE = 80  # characters
LONG = 12  # choices that a line of a table has room for
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a property of a body or an object. `example` is set for parameters that have one."""

    name: str
    type: str
    about: SafeString
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()
    shape: str = ""  # the object that it is, or has several of
    example: str = ""

    @property
    def shown_choices(self) -> tuple[str, ...]:
        """None where they are too many for a table."""
        return self.choices if len(self.choices) <= LONG else ()


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What comes back with a status. `shape` is an object's name, or "" for text."""

    status: int
    meaning: str
    shape: str
    is_list: bool

    @property
    def title(self) -> str:
        return title_of(self.shape)


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of an address. `path` stands below /api/v1 and has its parameters in braces."""

    name: str
    title: str
    about: SafeString
    method: str
    path: str
    in_path: list[Field]
    in_query: list[Field]
    body: list[Field]
    example: Json  # of the body
    answers: list[ApiAnswer]
    errors: list[tuple[int, str]]  # besides those that every call may answer with

    @property
    def scope(self) -> str:
        """The least that a token needs."""
        return "read" if self.method == "GET" else "write"

    @property
    def body_text(self) -> str:
        return json_lines(self.example) if self.body else ""


@dataclass(frozen=True, slots=True)
class Shape:
    """An object of answers or bodies."""

    name: str
    title: str
    about: SafeString
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Resource:
    """Operations on one kind of thing, and all objects that they answer with."""

    name: str
    title: str
    operations: list[Operation]
    shapes: list[Shape]

    @property
    def url(self) -> str:
        return reverse("api_resource", args=[self.name])


@lru_cache(maxsize=1)
def resources() -> dict[str, Resource]:
    """By name, in the description's order; it doesn't change while a process lives."""
    reader = Reader(json.loads(json.dumps(v1.api.get_openapi_schema(path_prefix=f"{PREFIX}/"))))
    return {name: reader.resource(name) for name in v1.RESOURCES}


class Reader:
    """Reads one OpenAPI description."""

    def __init__(self, description: Schema) -> None:
        self.paths: Schema = description["paths"]
        self.schemas: dict[str, Schema] = description["components"]["schemas"]

    def resource(self, name: str) -> Resource:
        found = [
            self.operation(path, method, operation)
            for path, methods in self.paths.items()
            for method, operation in methods.items()
            if operation["tags"] == [name]
        ]
        named = [answer.shape for operation in found for answer in operation.answers]
        named += [one.shape for operation in found for one in operation.body]
        title = "VMs" if name == "vms" else name.capitalize()
        return Resource(name, title, found, [self.shape(one) for one in self._reached(named)])

    def operation(self, path: str, method: str, operation: Schema) -> Operation:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        parameters = operation.get("parameters", [])
        return Operation(
            operation["operationId"],
            operation["summary"].capitalize().replace(" vm", " VM"),
            markdown.inline(operation.get("description", "")),
            method.upper(),
            path.removeprefix(PREFIX),
            [self.parameter(one) for one in parameters if one["in"] == "path"],
            [self.parameter(one) for one in parameters if one["in"] == "query"],
            self.fields(content["schema"]["$ref"]) if content else [],
            content.get("example"),
            [self.answer(*one) for one in operation["responses"].items() if one[0] < "400"],
            [
                (one, phrase(one))
                for one in sorted(map(int, operation["responses"].keys() - EVERYWHERE))
                if one >= 400
            ],
        )

    def parameter(self, given: Schema) -> Field:
        """Of a path or query, where nothing is null: what is left out is not asked for."""
        schema = dict(given["schema"])
        if "anyOf" in schema:
            schema["anyOf"] = [one for one in schema["anyOf"] if one.get("type") != "null"]
        if given["in"] == "path":
            schema.setdefault("description", "Its number.")
        return self.field(given["name"], schema, given.get("required", False), given.get("example", ""))

    def answer(self, status: str, given: Schema) -> ApiAnswer:
        [schema] = (content["schema"] for content in given["content"].values())
        name = name_of(schema)
        if name.startswith("Page_"):
            return ApiAnswer(int(status), phrase(status), name[5:].rstrip("_"), is_list=True)
        return ApiAnswer(
            int(status),
            phrase(status),
            name or name_of(schema.get("items", {})),
            is_list=schema.get("type") == "array",
        )

    def shape(self, name: str) -> Shape:
        about = self.schemas[name].get("description", "")
        return Shape(name, title_of(name), markdown.inline(about), self.fields(name))

    def fields(self, name: str) -> list[Field]:
        schema = self.schemas[name.rpartition("/")[2]]
        required = schema.get("required", [])
        properties = schema.get("properties", {})
        return [self.field(one, given, one in required) for one, given in properties.items()]

    def field(self, name: str, given: Schema, required: bool, example: Json = "") -> Field:
        types, shapes, choices = self._types(given)
        default = given.get("default")
        return Field(
            name,
            " or ".join(dict.fromkeys(types)),
            markdown.inline(given.get("description", "")),
            required,
            json.dumps(default) if default not in (None, "", [], {}) and not shapes else "",
            tuple(map(str, choices)),
            next(iter(shapes), ""),
            str(example),
        )

    def _types(self, given: Schema) -> tuple[list[str], list[str], list[Json]]:
        """What a value may be, in words; the objects among that; and the values where they are listed."""
        if name := name_of(given):
            target = self.schemas[name]
            return (["object"], [name], []) if "properties" in target else self._types(target)
        if parts := given.get("anyOf") or given.get("allOf"):
            read = [self._types(part) for part in parts]
            return (
                [one for types, _, _ in read for one in types],
                [one for _, shapes, _ in read for one in shapes],
                [one for _, _, choices in read for one in choices],
            )
        kind = str(given.get("format", given.get("type", "any"))).replace("date-time", "time")
        if kind == "array":
            types, shapes, choices = self._types(given.get("items", {}))
            return [f"list of {' or '.join(f'{one}s' for one in types)}"], shapes, choices
        return [kind], [], given.get("enum", [given["const"]] if "const" in given else [])

    def _reached(self, names: list[str]) -> list[str]:
        """These objects and all that are in them, each once."""
        found, ahead = [], [name for name in names if name]
        while ahead:
            name = ahead.pop(0)
            if name not in found:
                found.append(name)
                ahead += [one.shape for one in self.fields(name) if one.shape]
        return found


def phrase(status: str | int) -> str:
    """404 is Not Found."""
    return HTTPStatus(int(status)).phrase


def json_lines(value: Json, before: str = "") -> str:
    """JSON over several lines, where what is short stands on one."""
    text = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or before and len(text) < ONE_LINE:
        return text
    inner = before + "  "
    lines = [f"{inner}{json.dumps(key)}: {json_lines(one, inner)}" for key, one in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{before}}}"


def name_of(schema: Schema) -> str:
    """The object that a schema points at, or ""."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def title_of(name: str) -> str:
    """JobShown is Job, DebugShown Debug, FarmName Farm name."""
    words = re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+s?$|[A-Z][a-z]+", re.sub("(Shown|Out|Seen)$", "", name))
    return " ".join([words[0], *(word.lower() for word in words[1:])]) if words else name


def places() -> Iterator[tuple[str, str, str]]:
    """For the manual's search: title, address and text of each operation."""
    for resource in resources().values():
        for one in resource.operations:
            text = f"{one.method} {one.path} {unescape(strip_tags(one.about))} "
            names = " ".join(field.name for field in [*one.in_query, *one.body])
            yield one.title, f"{resource.url}#{one.name}", text + names
