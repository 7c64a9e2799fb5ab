"""For whoever watches the processes: do the engines answer?"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from tfci.pages import system_status


@login_not_required
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """200 while PostgreSQL and Valkey answer, else 503; which of the two does not is in the body."""
    answers = {"postgres": system_status.postgres_answers(), "valkey": system_status.valkey_answers()}
    return JsonResponse(answers, status=200 if all(answers.values()) else 503)
