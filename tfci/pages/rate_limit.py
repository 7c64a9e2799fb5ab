"""How often one address may ask for what costs something."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from redis.exceptions import RedisError

log = structlog.get_logger()
MINUTE = 60


def paced(most: int) -> Callable:
    """Decorates a view: at most so many calls a minute from one address, then 429. While the shared cache is down,
    all pass."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def slowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.GET and _calls(view.__name__, request) > most:
                answer = render(request, "429.html", status=429)
                answer["Retry-After"] = MINUTE
                return answer
            return view(request, *args, **kwargs)

        return slowed

    return decorate


def _calls(what: str, request: HttpRequest) -> int:
    """How many came from this address in this minute, this one counted."""
    minute = int(timezone.now().timestamp()) // MINUTE
    key = f"site:{what}:{get_adapter().get_client_ip(request)}:{minute}"
    try:
        cache.add(key, 0, timeout=2 * MINUTE)
        return cache.incr(key)
    except RedisError as error:
        log.warning("site_not_paced", error=type(error).__name__)
        return 0
