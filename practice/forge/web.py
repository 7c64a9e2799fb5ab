"""Requests and answers as plain values, and the table that leads from one to the other."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from practice.forge.faults import Fault, Unrouted
from practice.forge.store import Row, Store

Headers = dict[str, str]


@dataclass(slots=True)
class Request:
    """One call, with its arrival time: no code behind here reads the clock."""

    store: Store
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Headers  # names in lower case
    body: bytes
    now: float
    params: dict[str, str] = field(default_factory=dict)
    user: Row | None = None
    scopes: str | None = None

    def json(self) -> dict[str, Any]:
        """The body as an object; an empty body is an empty one."""
        try:
            value = json.loads(self.body) if self.body.strip() else {}
        except ValueError as error:
            raise Fault(422, f"the body is no JSON: {error}") from error
        if not isinstance(value, dict):
            raise Fault(422, "the body must be a JSON object")
        return value

    def parameter(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json;charset=utf-8"
    headers: Headers = field(default_factory=dict)


Handler = Callable[[Request], Answer]


def as_json(value: Any, status: int = 200, headers: Headers | None = None) -> Answer:
    return Answer(status, json.dumps(value, ensure_ascii=False).encode(), headers=headers or {})


def nothing() -> Answer:
    return Answer(204)


@dataclass(slots=True)
class Door:
    """One of the forge's surfaces: its own routes, callers, and way to refuse."""

    prefix: str
    identify: Callable[[Request], None]
    refuse: Callable[[Request, Fault], Answer]
    allow: Callable[[Request, Any], None]
    injects_faults: bool = False  # whether faults on request hit it
    whole: bool = True  # whether all below the prefix is its own, or only what it has a route for
    _routes: dict[str, list[tuple[re.Pattern[str], Handler, Any]]] = field(default_factory=dict)

    def route(self, method: str, path: str, terms: Any = None) -> Callable[[Handler], Handler]:
        """Register a handler. `{name}` is one part of a path, `{name*}` the rest; `terms` go to `allow`."""
        pattern = re.compile(re.sub(r"\{(\w+)(\*?)\}", _part, self.prefix + path))

        def keep(handler: Handler) -> Handler:
            self._routes.setdefault(method, []).append((pattern, handler, terms))
            return handler

        return keep

    def claims(self, path: str) -> bool:
        return path.startswith(self.prefix) and (self.whole or self._knows(path))

    def _knows(self, path: str) -> bool:
        return any(pattern.fullmatch(path) for routes in self._routes.values() for pattern, _, _ in routes)

    def answer(self, request: Request) -> Answer:
        """The door's answer; its changes of the store are one transaction."""
        try:
            with request.store.transaction():
                self.identify(request)
                return self._find(request)(request)
        except Fault as fault:
            return self.refuse(request, fault)

    def _find(self, request: Request) -> Handler:
        for pattern, handler, terms in self._routes.get(request.method, []):
            if found := pattern.fullmatch(request.path):
                request.params = found.groupdict()
                self.allow(request, terms)
                return handler
        raise Unrouted(405, "method not allowed") if self._knows(request.path) else Unrouted(404, "not found")


def _part(found: re.Match[str]) -> str:
    return f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+'})"
