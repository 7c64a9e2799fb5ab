"""A script that calls the API with a team's token. Every answer is held against the API's own description."""

import functools
import json
import re

from django.test import Client
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from runners.web.api import v1
from tests.builders import NOON, a_team, a_user
from tfci.accounts import tokens

UNDESCRIBED = (404, 405)  # addresses and methods that there are not


class Answer:
    """What came back: status, headers, and as `said` its JSON or its text."""

    def __init__(self, response):
        self.status, self.headers = response.status_code, response.headers
        self.said = content_of(response)

    @property
    def items(self):
        return self.said["items"]

    @property
    def ids(self):
        return [item["id"] for item in self.items]

    def problem(self, status):
        """The detail of a problem of that status."""
        assert self.status == status, self.said
        assert self.headers["Content-Type"] == "application/problem+json"
        assert (self.said["status"], self.said["type"]) == (status, "about:blank")
        return self.said["detail"]


class Script:
    """Calls below /api/v1, as `team` with a token of that scope; without a team as nobody."""

    def __init__(self, team=None, scope="read"):
        self.client = Client(raise_request_exception=False)
        self.team, self.secret = team, None
        if team:
            self.token, self.secret = tokens.make(team, "script", scope, a_user(), NOON)

    def get(self, path, **asked):
        return self.call("GET", path, query=asked)

    def post(self, path, **said):
        return self.call("POST", path, said)

    def patch(self, path, **said):
        return self.call("PATCH", path, said)

    def delete(self, path):
        return self.call("DELETE", path)

    def follow(self, url):
        """The page that `next` names."""
        return Answer(self.client.get(url, headers=self.headers))

    def call(self, method, path, body=None, query=None, raw=None):
        content = raw if raw is not None else json.dumps(body) if body is not None else ""
        response = self.client.generic(
            method,
            f"/api/v1{path}",
            content,
            "application/json",
            query_params=query or {},
            headers=self.headers,
        )
        keeps_its_word(method, path, response)
        return Answer(response)

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.secret.reveal()}"} if self.secret else {}


def a_script(scope="write", team=None):
    return Script(team or a_team(), scope)


@functools.cache
def description():
    return json.loads(json.dumps(v1.api.get_openapi_schema(path_prefix="/api/v1/")))


def keeps_its_word(method, path, response):
    """The answer is one that the description has for this operation, in media type and shape."""
    operation = described(method, path)
    if operation is None:
        assert response.status_code in UNDESCRIBED, response.content
        return
    answer = operation["responses"].get(str(response.status_code))
    assert answer, (
        f"{method} {path} answers {response.status_code}, which is not described: {response.content}"
    )
    media_type = response.headers["Content-Type"].partition(";")[0]
    schema = answer["content"][media_type]["schema"] | {"components": description()["components"]}
    validator_for(schema, Draft202012Validator)(schema).validate(content_of(response))


def content_of(response):
    text = response.content.decode()
    return json.loads(text) if "json" in response.headers["Content-Type"] else text


def described(method, path):
    for template, operations in description()["paths"].items():
        pattern = re.sub(r"\{\w+\}", r"\\d+(-\\d\\d)?", template.removeprefix("/api/v1"))
        if re.fullmatch(pattern, path):
            return operations.get(method.lower())
    return None
