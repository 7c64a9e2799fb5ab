"""How often one address may ask for what costs something."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tfci.core.rate_limit import MINUTE, calls

View: TypeAlias = Callable[..., HttpResponse]


def paced(most: int) -> Callable[[View], View]:
    """Decorates a view: at most so many calls a minute from one address, then 429."""

    def decorate(view: View) -> View:
        @wraps(view)
        def slowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.GET:
                address = get_adapter().get_client_ip(request)
                if calls(f"site:{view.__name__}", address, timezone.now()) > most:
                    answer = render(request, "429.html", status=429)
                    answer["Retry-After"] = MINUTE
                    return answer
            return view(request, *args, **kwargs)

        return slowed

    return decorate
