"""Malformed requests, refused in one place before every view."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters

NULL = "The address or a cookie of the request contains a null character. Remove it."

Scope = dict[str, Any]  # as ASGI has it: what stands in it depends on the protocol
Middleware = Callable[[HttpRequest], HttpResponse]  # what answers a request, around what answers it
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class StrictRequest(HttpRequest):
    """Takes no other encoding than UTF-8, and no length that is no number, whatever a request names. Django looks an
    encoding up among all of Python's, some of which decode nothing, and fails before any middleware."""

    def _set_content_type_params(self, meta: dict[str, str]) -> None:
        if not re.fullmatch("[0-9]{1,18}", meta.get("CONTENT_LENGTH") or "0"):
            meta["CONTENT_LENGTH"] = "0"
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {}


class WebRequest(StrictRequest, WSGIRequest):
    """Of pages, webhooks and the API."""


class AgentRequest(StrictRequest, ASGIRequest):
    """Of agents."""


def refuse_null_characters(get_response: Middleware) -> Middleware:
    """Middleware: PostgreSQL and file systems take no null character, and no address or cookie of ours has one."""

    def answer(request: HttpRequest) -> HttpResponse:
        if has_null(request):
            return HttpResponse(f"{NULL}\n", status=400, content_type="text/plain; charset=utf-8")
        return get_response(request)

    return answer


def has_null(request: HttpRequest) -> bool:
    """In its path, its query or its cookies, which write one as %00 or \\000. The API says it of each field itself."""
    meta = request.META
    return (
        "\x00" in request.path_info
        or ("%00" in meta.get("QUERY_STRING", "") and not request.path_info.startswith("/api/"))
        or "\\000" in meta.get("HTTP_COOKIE", "")
    )
