"""All resources as one API, described at /api/v1/openapi.json."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import msgspec
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.parser import Parser

from runners.web.api import (
    apps,
    connections,
    debug,
    deposits,
    events,
    examples,
    jobs,
    ledger,
    limits,
    nodes,
    pools,
    prices,
    problems,
    servers,
    spend,
    statements,
    vms,
    wallet,
    withdrawals,
)
from runners.web.api.access import Bearer, Pace
from runners.web.api.pool_calls import advice, dry_run, tfrobot
from tfci.accounts.requests import TokenRequest
from tfci.core.untyped import Json

RESOURCES = {
    "connections": connections,
    "pools": pools,
    "nodes": nodes,
    "prices": prices,
    "jobs": jobs,
    "vms": vms,
    "apps": apps,
    "servers": servers,
    "events": events,
    "wallet": wallet,
    "deposits": deposits,
    "ledger": ledger,
    "spend": spend,
    "statements": statements,
    "withdrawals": withdrawals,
    "limits": limits,
}
ABOUT = (
    "A token gives access to its own team. TFT amounts are decimal strings with seven digits, times are ISO 8601 "
    "in UTC. Lists are newest first; `next` is the cursor of the next page. Every error is "
    "application/problem+json (RFC 9457) with a message that says what to do."
)


PROBLEM = "#/components/schemas/Problem"


class Strict(Parser):
    """JSON as it is defined: no NaN, no half characters."""

    def parse_body(self, request: HttpRequest) -> Json:
        return msgspec.json.decode(request.body)


class Api(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """With examples, and the media types of what is no JSON of ours."""
        schema = super().get_openapi_schema(**kwargs)
        operations = [operation for path in schema["paths"].values() for operation in path.values()]
        for operation in operations:
            examples.put_into(operation)
        for answer in (answer for operation in operations for answer in operation["responses"].values()):
            _give_media_type(answer["content"])
        return schema


def _give_media_type(content: dict[str, Any]) -> None:
    """Problems have one of their own, and a text may say its."""
    shape = content["application/json"]["schema"]
    media_type = problems.MEDIA_TYPE if shape.get("$ref") == PROBLEM else shape.get("contentMediaType")
    if media_type:
        content[media_type] = content.pop("application/json")


def _door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """No session, no cookie: the token alone counts."""

    @csrf_exempt
    @login_not_required
    @never_cache
    @wraps(view)
    def answer(request: TokenRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = view(request, *args, **kwargs)
        if isinstance(given, HttpResponseNotAllowed):
            allowed = given["Allow"]
            return problems.answer(
                405, f"{request.method} can't be done here, only {allowed}.", Allow=allowed
            )
        return given

    return answer


def _nothing(request: TokenRequest) -> HttpResponse:
    return problems.answer(404, "Not found. /api/v1/openapi.json lists all addresses.")


def _urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    """Those of the API, each through our door, and one for all that is not there."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        view = cast(URLPattern, pattern)
        view.callback = _door(_nothing if view.name == "api-root" else view.callback)
    return [*patterns, re_path("", _door(_nothing))], app, namespace


api = Api(
    title=f"{settings.NAME} API",
    version="1",
    description=ABOUT,
    docs_url=None,
    parser=Strict(),
    urls_namespace="api",
    auth=Bearer("team.read"),
    throttle=[Pace("calls", 600)],
)
problems.answer_for(api)
for name, resource in RESOURCES.items():
    api.add_router(f"/{name}", resource.router, tags=[name])
api.add_router("/pools", tfrobot.router, tags=["pools"])
api.add_router("/pools", dry_run.router, tags=["pools"])
api.add_router("/pools", advice.router, tags=["pools"])
api.add_router("/vms", debug.router, tags=["vms"])
urls = _urls()
