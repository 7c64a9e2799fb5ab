"""The REST door: authentication, scopes, errors as Gitea answers them, and paging."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from practice.forge import access, accounts
from practice.forge.faults import Fault, Unrouted
from practice.forge.web import Answer, Door, Request, as_json

PAGE, MAX_PAGE = 30, 50


def _identify(request: Request) -> None:
    token = _token(request)
    if not token:
        return
    held = accounts.holder(request.store, token)
    if held is None:
        raise Fault(401, "invalid username, password or token")
    request.user, request.scopes = held


def _token(request: Request) -> str:
    """From the header (token, Bearer, or Basic with the token as password) or the query."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() in ("token", "bearer"):
        return value.strip()
    if kind.lower() == "basic":
        try:
            name, _, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "-"
        return name if password in ("", "x-oauth-basic") else password
    return request.parameter("token") or request.parameter("access_token")


def _refuse(request: Request, fault: Fault) -> Answer:
    if isinstance(fault, Unrouted):
        page = b"404 page not found\n" if fault.status == 404 else b""
        return Answer(fault.status, page, "text/plain; charset=utf-8")
    body: dict[str, Any] = {} if fault.errors is None else {"errors": fault.errors or None}
    return as_json(body | {"message": fault.message, "url": f"{request.store.url}/api/swagger"}, fault.status)


def _allow(request: Request, categories: tuple[str, ...] | None) -> None:
    access.need_scopes(request.method, categories or (), request.scopes)


door = Door("/api/v1", _identify, _refuse, _allow, injects_faults=True)


def page_of(request: Request, rows: Sequence[Any]) -> Sequence[Any]:
    """One page of the rows. `limit` without `page` cuts nothing: Gitea then returns everything."""
    number, size = _natural(request, "page"), _natural(request, "limit")
    if number == 0:
        return rows
    size = min(size or PAGE, MAX_PAGE)
    return rows[(number - 1) * size : number * size]


def _natural(request: Request, name: str) -> int:
    text = request.parameter(name)
    return int(text) if text.isdecimal() else 0


def number(request: Request, name: str) -> int:
    """A number of the path; one that is none names nothing."""
    text = request.params[name]
    return int(text) if text.isdecimal() and len(text) < 19 else 0
