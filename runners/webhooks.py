"""The forges' door: bounds the body, has it written down, answers in a millisecond. No outside call."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from runners import tasks
from runners.bell import Bell
from tfci.forges import inbox
from tfci.forges.ports import Refused

LARGEST = 1024 * 1024
DOOR = "/hooks/"
BELL = Bell(tasks.nudge_take_in)


def before_pages(get_response: Callable) -> Callable:
    """Middleware: forges are answered before all that only people need, which takes longer than the answer."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(DOOR):
            return webhook(request, request.path_info.removeprefix(DOOR))
        return get_response(request)

    return answer


@require_POST
def webhook(request: HttpRequest, address: str) -> HttpResponse:
    """202 once it is written down; 404, 403, 400 or 413 with a sentence for whoever reads the forge's delivery page."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _answer(413, "A delivery may have at most 1 MiB.")
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return _answer(413, "A delivery may have at most 1 MiB.")
    try:
        kept = _keep(address, request.headers, body, timezone.now())
    except inbox.Unknown:
        return _answer(404, "No linked organisation has this address. Remove this webhook.")
    except inbox.Forged:
        return _answer(
            403, "The signature is missing or wrong. Press “check now” on the organisation's page."
        )
    except Refused as error:
        return _answer(400, str(error))
    if kept.news:
        BELL.press(kept.org_id)
    return _answer(202)


def _keep(*delivery) -> inbox.Kept:
    """Its one statement finds out whether the connection still lives, so nothing asks beforehand; one that died while
    it was idle is made anew. Twice written down is once."""
    connection.health_check_done = True
    try:
        return inbox.keep(*delivery)
    except (OperationalError, InterfaceError):
        connection.close()
        return inbox.keep(*delivery)


def _answer(status: int, sentence: str = "") -> HttpResponse:
    text = f"{sentence}\n".lstrip().encode()
    headers = {"Content-Length": str(len(text)), "Content-Type": "text/plain; charset=utf-8"}
    return HttpResponse(text, status=status, headers=headers)
