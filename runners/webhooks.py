"""The forges' door: bounds the body, opens one transaction, answers in milliseconds. No outside call."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from runners import jobs, poll, tasks
from tfci.forges import inbox
from tfci.forges.ports import Refused

LARGEST = 1024 * 1024
DOOR = "/hooks/"


def before_pages(get_response: Callable) -> Callable:
    """Middleware: forges are answered before all that only people need, which takes longer than the answer."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(DOOR):
            return webhook(request, request.path_info.removeprefix(DOOR))
        return get_response(request)

    return answer


@require_POST
def webhook(request: HttpRequest, address: str) -> HttpResponse:
    """202 once it is recorded; 404, 403, 400 or 413 with a sentence for whoever reads the forge's delivery page."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _answer(413, "A delivery may have at most 1 MiB.")
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return _answer(413, "A delivery may have at most 1 MiB.")
    try:
        news = _record(address, request.headers, body, timezone.now())
    except inbox.Unknown:
        return _answer(404, "No linked organisation has this address. Remove this webhook.")
    except inbox.Again:
        return _answer(202)
    except inbox.Forged:
        return _answer(
            403, "The signature is missing or wrong. Press “check now” on the organisation's page."
        )
    except Refused as error:
        return _answer(400, str(error))
    tasks.follow(news)
    return _answer(202)


@transaction.atomic
def _record(address: str, headers, body: bytes, now) -> jobs.News:
    org, heard = inbox.hear(address, headers, body, now)
    news = jobs.News()
    for seen in heard.jobs:
        news.add(jobs.observe(org, seen, now))
    if heard.jobs:
        poll.stir(org, now, within=poll.OFTEN)
    elif heard.stirred:
        poll.stir(org, now)
        news.orgs.add(org.pk)
    return news


def _answer(status: int, sentence: str = "") -> HttpResponse:
    text = f"{sentence}\n".lstrip().encode()
    headers = {"Content-Length": str(len(text)), "Content-Type": "text/plain; charset=utf-8"}
    return HttpResponse(text, status=status, headers=headers)
