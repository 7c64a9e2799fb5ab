"""Reading and checking a request's parameters and body."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from practice.grid.acts import LARGEST_BATCH, NoAnswer
from practice.grid.server import Problem, Request

LARGEST_PAGE = 1000
REQUIRED = object()
Entry = TypeVar("Entry")


def raise_if_silent(request: Request, kind: str) -> None:
    """Raises NoAnswer while that part of the grid is silent."""
    twin_id = request.account.twin_id if request.account else 0
    if rule := request.grid.active_fault(kind, twin_id=twin_id):
        raise NoAnswer(rule.seconds)


def page_of(request: Request, everything: Sequence[Any]) -> tuple[Sequence[Any], dict[str, str]]:
    """A page and the proxy's headers about all of them."""
    if unknown := request.query.keys() - {"page", "size", "ret_count"}:
        raise Problem(HTTPStatus.BAD_REQUEST, f"unknown parameter {min(unknown)}")
    page, size = number(request.query, "page", "1"), number(request.query, "size", "50")
    if page < 1 or not 1 <= size <= LARGEST_PAGE:
        raise Problem(HTTPStatus.BAD_REQUEST, f"page is at least 1, size 1 to {LARGEST_PAGE}")
    pages = -(-len(everything) // size)
    headers = {"count": str(len(everything)), "size": str(size), "pages": str(pages)}
    counted = request.query.get("ret_count") == "true"
    return everything[(page - 1) * size : page * size], headers if counted else {}


def number(source: dict[str, str], name: str, default: str = "0") -> int:
    """A whole number from an address."""
    text = source.get(name, default)
    if not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise Problem(HTTPStatus.BAD_REQUEST, f"{name} is not a number")
    return int(text)


def field(source: dict[str, Any], name: str, kind: type | tuple[type, ...], default: Any = REQUIRED) -> Any:
    """A value of a body; with a default it may be missing or null."""
    value = source.get(name)
    if value is None and default is not REQUIRED:
        return default
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Problem(HTTPStatus.BAD_REQUEST, f"{name} is missing or of a wrong kind")
    return value


def batch(request: Request, name: str, kind: type[Entry]) -> list[Entry]:
    """The entries of one batch."""
    entries = field(request.body, name, list)
    if len(entries) > LARGEST_BATCH or not all(isinstance(entry, kind) for entry in entries):
        raise Problem(HTTPStatus.BAD_REQUEST, f"{name} has at most {LARGEST_BATCH} entries of one kind")
    return entries


def texts(source: dict[str, Any], name: str) -> dict[str, str]:
    """Names with texts that a process can be given."""
    found = field(source, name, dict, {})
    if not all(isinstance(value, str) and "\0" not in value for value in found.values()):
        raise Problem(HTTPStatus.BAD_REQUEST, f"{name} has texts only")
    return found
