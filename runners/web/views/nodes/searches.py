"""Searches of the node finder that a team keeps under a name."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from runners.web.forms import NodeFilterForm
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.grid import selections
from tfci.grid.models import NodeSelection

LONGEST = 1000


@require_POST
@requires("nodes.keep")
def keep(request: TeamRequest) -> HttpResponse:
    """What the address of the finder asks for, under a name."""
    name, query = request.POST.get("name", "").strip()[:60], filters(request.POST.get("query", ""))
    there = HttpResponseRedirect(f"{reverse('nodes', args=[request.team.slug])}?{query}")
    if not name:
        messages.error(request, "Enter a name for the search.")
        return there
    try:
        selections.save(request.team, name, query, request.user, timezone.now())
    except selections.TooManySelections as full:
        messages.error(request, str(full))
    else:
        messages.success(request, f"The search {name} is saved for the team.")
    return there


def filters(query: str) -> str:
    """Those of an address, without its page and what we don't know."""
    asked, known = QueryDict(query[:LONGEST]), QueryDict(mutable=True)
    for name in NodeFilterForm.base_fields:
        if asked.get(name):
            known[name] = asked[name]
    return known.urlencode()[:LONGEST]


@require_POST
@requires("nodes.keep")
def forget(request: TeamRequest, pk: int) -> HttpResponse:
    selection = get_object_or_404(NodeSelection.objects.of(request.team), pk=pk)
    selections.forget(selection, request.user, timezone.now())
    messages.success(request, f"The search {selection} is deleted.")
    return redirect("nodes", request.team.slug)
