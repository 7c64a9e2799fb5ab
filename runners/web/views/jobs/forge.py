"""What people ask of a job's forge: to run it again, or to cancel it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from runners import gateways
from runners.jobs import actions
from runners.models import Job
from runners.queue import nudges
from runners.queue.effects import Effects
from runners.web.views.jobs.rows import board
from tfci.accounts.access import may, requires
from tfci.accounts.requests import TeamRequest
from tfci.forges import registry
from tfci.forges.errors import ForgeError
from tfci.forges.facts import JobAction


def offered(request: TeamRequest, job: Job) -> dict[str, Any]:
    """Which acts its page offers this reader; `forge`: the name of the kind that its link is of."""
    forge, over = registry.kind(job.connection.forge).title, job.state == Job.State.COMPLETED
    act: JobAction = "rerun" if over else "cancel"
    lacks = registry.unsupported(job.connection, act)
    mine = not lacks and job.connection.alive and may(request.role, f"jobs.{act}")
    on_page = (
        gettext("It can be retried on its page at {connection}.")
        if over
        else gettext("It can be canceled on its page at {connection}.")
    ).format(connection=job.connection.name)
    return {
        "forge": forge,
        "may_rerun": mine and over,
        "may_cancel": mine and not over,
        "not_asked": f"{on_page} {f'{lacks}.' if lacks else ''}",
    }


@requires("jobs.rerun")
def rerun(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask, then have its forge run it once more."""
    text = gettext(
        "The forge retries this job and the jobs that depend on it. The new attempt appears as a separate job "
        "when the forge lists it. It runs on a new VM and is charged normally."
    )
    done = gettext("{connection} was asked to retry the job.")
    texts = gettext("Retry {job}?"), text, gettext("Retry job"), done
    return _act(request, pk, actions.rerun, *texts, look="btn-primary")


@requires("jobs.cancel")
def cancel(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask, then have its forge cancel the run it is of."""
    text = gettext(
        "The forge cancels the whole run: this job and all its other unfinished jobs. Their work is lost, and "
        "their time is charged."
    )
    done = gettext("{connection} was asked to cancel the run.")
    return _act(request, pk, actions.cancel, gettext("Cancel {job}?"), text, gettext("Cancel run"), done)


def _act(
    request: TeamRequest,
    pk: int,
    send: Callable[..., Effects],
    title: str,
    text: str,
    verb: str,
    done: str,
    look: str = "",
) -> HttpResponse:
    found = get_object_or_404(board(request.team), pk=pk)
    if request.method != "POST":
        back = reverse("job", args=[request.team.slug, pk])
        context = {
            "title": title.format(job=found.name),
            "text": text,
            "verb": verb,
            "back": back,
            "look": look,
        }
        return render(request, "confirm.html", context)
    try:
        nudges.follow(send(found, gateways.GATEWAYS, request.user, timezone.now()))
        messages.success(request, done.format(connection=found.connection.name))
    except ForgeError as error:
        messages.error(request, str(error))
    return redirect("job", request.team.slug, pk)
