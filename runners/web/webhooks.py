"""The forges' door: bounds the body, has it written down, answers in a millisecond. No outside call."""

from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection as database
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from runners.queue import nudges
from runners.queue.debounce import Debouncer
from tfci.core.optional import present
from tfci.core.requests import Middleware
from tfci.forges import health, webhook_inbox
from tfci.forges.errors import ForgeRefused
from tfci.forges.models import Tally

LARGEST = 1024 * 1024
TOO_LARGE = "A delivery can have up to 1 MiB."
FORGED = "The signature is missing or wrong. Select “Check now” on the connection's page."
DOOR = "/hooks/"
DEBOUNCER = Debouncer(nudges.ingest_deliveries)


def before_pages(get_response: Middleware) -> Middleware:
    """Middleware: forges are answered before all that only people need, which takes longer than the answer."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(DOOR):
            return webhook(request, request.path_info.removeprefix(DOOR))
        return get_response(request)

    return answer


@require_POST
def webhook(request: HttpRequest, address: str) -> HttpResponse:
    """202 once it is written down; 404, 403, 400 or 413 with a sentence for whoever reads the forge's delivery page."""
    now = timezone.now()
    if _length(request) > LARGEST:
        return _refuse(address, Tally.Kind.SIZE, now, 413, TOO_LARGE)
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return _refuse(address, Tally.Kind.SIZE, now, 413, TOO_LARGE)
    try:
        kept = _keep(address, request.headers, body, now)
    except webhook_inbox.Unknown:
        return _answer(404, "No connection has this address. Remove this webhook.")
    except webhook_inbox.InvalidSignature:
        return _refuse(address, Tally.Kind.SIGNATURE, now, 403, FORGED)
    except ForgeRefused as error:
        return _refuse(address, Tally.Kind.UNREADABLE, now, 400, str(error))
    if kept.duplicate:
        health.count(address, Tally.Kind.DOUBLED, now)
    if kept.pending:
        DEBOUNCER.notify(present(kept.connection_id))
    return _answer(202)


def _length(request: HttpRequest) -> int:
    """As its sender says it; 0 where that is no number."""
    header = request.headers.get("Content-Length", "")
    return int(header) if header.isdecimal() and len(header) < 19 else 0


def _keep(*delivery: Any) -> webhook_inbox.StoredDelivery:
    """Its one statement finds out whether the connection still lives, so nothing asks beforehand; one that died while
    it was idle is made anew. Twice written down is once."""
    database.health_check_done = True  # type: ignore[attr-defined]  # of PostgreSQL's alone
    try:
        return webhook_inbox.store(*delivery)
    except (OperationalError, InterfaceError):
        database.close()
        return webhook_inbox.store(*delivery)


def _refuse(address: str, kind: Tally.Kind, now: datetime, status: int, sentence: str) -> HttpResponse:
    """The organisation's page shows how often, and what was said last."""
    health.count(address, kind, now, sentence)
    return _answer(status, sentence)


def _answer(status: int, sentence: str = "") -> HttpResponse:
    text = f"{sentence}\n".lstrip().encode()
    headers = {"Content-Length": str(len(text)), "Content-Type": "text/plain; charset=utf-8"}
    return HttpResponse(text, status=status, headers=headers)
