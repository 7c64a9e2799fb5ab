"""What went wrong, as RFC 9457 tells it: a sentence that says what to do, and one for each wrong field."""

import math
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent
from django.forms import BaseForm
from django.http import JsonResponse
from django.utils import timezone
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field

from tfci.accounts.requests import TokenRequest
from tfci.forges.errors import ForgeError, ForgeRefused, Limited

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
MAX_SENTENCES = 50  # sentences of wrong fields
LONGEST_STEP = 60  # characters of a name in a field's path
ALWAYS = (400, 401, 403, 422, 429, 500)  # what any call may be answered with
BODY = (413,)  # and one that has a body

UNREADABLE = "The request body can't be read. Send JSON of up to 1 MiB."
NO_TOKEN = "Send an API token as “Authorization: Bearer fh_…”. Create one on the team's page “API tokens”."  # noqa: S105
TOO_MANY_FIELDS = (
    f"The request has more than {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} parameters. Send fewer."
)
TOO_OFTEN = "Too many requests per minute. Wait for the number of seconds in Retry-After."
BROKEN = "Internal error. It was logged. Try again."
SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "Unknown field.",
    "string_type": "Enter a string.",
    "int_type": "Write a whole number.",
    "int_parsing": "Write a whole number.",
    "int_from_float": "Write a whole number.",
    "bool_type": "Write true or false.",
    "bool_parsing": "Write true or false.",
    "list_type": "Enter a list.",
    "dict_type": "Write an object.",
    "model_attributes_type": "Write an object.",
}
PARAMETERS = ("body", "query")  # of our operations: where a wrong field stands is told without them


class Problem(Schema):
    """RFC 9457, with the wrong fields under `errors`: their path -> sentences."""

    type: str = "about:blank"
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no pool 7 here."])
    errors: dict[str, list[str]] | None = None


class Stop(Exception):
    """Ends an operation with a problem."""

    def __init__(self, status: int, detail: str, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, errors


def responses(*more: int) -> dict[tuple[int, ...], type[Problem]]:
    """The problems of an operation, for its `response=`."""
    return {(*ALWAYS, *more): Problem}


def answer(
    status: int, detail: str, errors: Mapping[str, list[str]] | None = None, **headers: str
) -> JsonResponse:
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    if errors:
        content["errors"] = errors
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return JsonResponse(content, status=status, content_type=MEDIA_TYPE, headers=headers)


def invalid(errors: Mapping[str, list[str]], status: int = 422) -> Stop:
    """Fields that are wrong; the detail has the same sentences."""
    every = ((field, sentence) for field, sentences in errors.items() for sentence in sentences)
    shown: dict[str, list[str]] = {}
    for field, sentence in islice(every, MAX_SENTENCES):
        shown.setdefault(field, []).append(sentence)
    return Stop(
        status, " ".join(f"{field}: {' '.join(sentences)}" for field, sentences in shown.items()), shown
    )


def validated(form: BaseForm, names: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The values of a form of the pages. Raises Stop with its errors, under the names that the API
    has for its fields; a name that is taken is a conflict."""
    if form.is_valid():
        return form.cleaned_data
    errors = {
        (names or {}).get(field, field): [str(one) for one in found] for field, found in form.errors.items()
    }
    raise invalid(errors, 409 if form.has_error("name", "taken") else 422)


def answer_for(api: NinjaAPI) -> None:
    """Let the API answer every exception with a problem."""
    for kind, handler in HANDLERS.items():
        api.add_exception_handler(kind, handler)


def _stop(request: TokenRequest, stop: Stop) -> JsonResponse:
    return answer(stop.status, stop.detail, stop.errors)


def _invalid(request: TokenRequest, error: ValidationError) -> JsonResponse:
    errors: dict[str, list[str]] = {}
    for one in error.errors:
        errors.setdefault(_path(one["loc"]), []).append(SENTENCES.get(one["type"], f"{one['msg']}."))
    return _stop(request, invalid(errors))


def _path(loc: Iterable[str | int]) -> str:
    """Where a value stands in the body or the query, written like nodes.ids.0."""
    source, *steps = (str(step)[:LONGEST_STEP] for step in loc)
    return ".".join(steps[1:] if steps[:1] and steps[0] in PARAMETERS else steps) or source


def _http(request: TokenRequest, error: HttpError) -> JsonResponse:
    match error.status_code:
        case 401:
            return answer(401, NO_TOKEN, WWW_Authenticate="Bearer")
        case 400:
            return answer(400, UNREADABLE)
        case 429:
            return answer(429, TOO_OFTEN)
        case status:
            return answer(status, f"{error}.")


def _too_large(request: TokenRequest, error: RequestDataTooBig) -> JsonResponse:
    return answer(413, UNREADABLE)


def _too_many(request: TokenRequest, error: TooManyFieldsSent) -> JsonResponse:
    return answer(400, TOO_MANY_FIELDS)


def _denied(request: TokenRequest, error: PermissionDenied) -> JsonResponse:
    return answer(403, str(error))


def _limited(request: TokenRequest, error: Limited) -> JsonResponse:
    wait = max(1, math.ceil((error.until - timezone.now()).total_seconds()))
    return answer(429, str(error), Retry_After=str(wait))


def _refused(request: TokenRequest, error: ForgeRefused) -> JsonResponse:
    return answer(422, str(error))


def _forge(request: TokenRequest, error: ForgeError) -> JsonResponse:
    return answer(502, str(error))


def _broken(request: TokenRequest, error: Exception) -> JsonResponse:
    log.error("api_broke", path=request.path, exc_info=error)
    return answer(500, BROKEN)


HANDLERS: dict[type[Exception], Callable[..., JsonResponse]] = {
    Stop: _stop,
    ValidationError: _invalid,
    HttpError: _http,
    RequestDataTooBig: _too_large,
    TooManyFieldsSent: _too_many,
    PermissionDenied: _denied,
    Limited: _limited,
    ForgeRefused: _refused,
    ForgeError: _forge,
    Exception: _broken,
}
