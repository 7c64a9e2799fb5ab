"""Pages that own no rows, and what every template may use."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from redis import RedisError

from tfci.accounts.views import teams
from tfci.grid import connect


def everywhere(request: HttpRequest) -> dict[str, object]:
    """The context of every template: the product's name, and the nonce that lets its scripts run."""
    return {"product": settings.NAME, "csp_nonce": request.csp_nonce}


@login_not_required
def front(request: HttpRequest) -> HttpResponse:
    """What this is, for strangers; people who are signed in go to their team."""
    if request.user.is_authenticated:
        return teams.home(request)
    return render(
        request, "site/landing.html", {"grant": settings.GRANT, "simulated": connect.network() == "simulated"}
    )


@login_not_required
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 while PostgreSQL and Valkey answer, else 503; which of the two does not is in the body."""
    answers = {"postgres": _postgres_answers(), "valkey": _valkey_answers()}
    return JsonResponse(answers, status=200 if all(answers.values()) else 503)


def _postgres_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    return True


def _valkey_answers() -> bool:
    try:
        cache.get("health")
    except RedisError:
        return False
    return True
