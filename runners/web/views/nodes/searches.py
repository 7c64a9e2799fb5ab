"""Searches of the node finder that a team keeps under a name."""

from urllib.parse import unquote_plus

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from runners.web.forms import NodeFilterForm
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.core.names import NameField, has_hidden
from tfci.grid import selections
from tfci.grid.models import NodeSelection

LONGEST = 1000


class SearchForm(forms.Form):
    name = NameField(
        label=gettext_lazy("Name"),
        max_length=60,
        error_messages={"required": gettext_lazy("Enter a name for the search.")},
    )
    query = forms.CharField(label=gettext_lazy("Query"), required=False, max_length=LONGEST)

    def clean_query(self) -> str:
        """Of an address only what the finder filters by, where it can read that."""
        query = filters(self.cleaned_data["query"])
        if has_hidden(unquote_plus(query)) or not NodeFilterForm(QueryDict(query)).is_valid():
            raise ValidationError(
                gettext("The search has an invalid filter. Correct it and save the search again.")
            )
        if len(query) > LONGEST:
            raise ValidationError(gettext("The search is too long. Remove a filter."))
        return query


@require_POST
@requires("nodes.keep")
def keep(request: TeamRequest) -> HttpResponse:
    """What the address of the finder asks for, under a name."""
    form = SearchForm(request.POST)
    sound = form.is_valid()
    query = form.cleaned_data.get("query", "")
    there = HttpResponseRedirect(f"{reverse('nodes', args=[request.team.slug])}?{query}")
    if not sound:
        messages.error(request, " ".join(str(problem) for field in form.errors.values() for problem in field))
        return there
    name = form.cleaned_data["name"]
    try:
        selections.save(request.team, name, query, request.user, timezone.now())
    except selections.TooManySelections as full:
        messages.error(request, str(full))
    else:
        messages.success(request, gettext("The search {name} is saved for the team.").format(name=name))
    return there


def filters(query: str) -> str:
    """Those of an address, without its page and what we don't know."""
    given, known = QueryDict(query), QueryDict(mutable=True)
    for name in NodeFilterForm.base_fields:
        if given.get(name):
            known[name] = given[name]
    return known.urlencode()


@require_POST
@requires("nodes.keep")
def delete(request: TeamRequest, pk: int) -> HttpResponse:
    selection = get_object_or_404(NodeSelection.objects.of(request.team), pk=pk)
    selections.delete(selection, request.user, timezone.now())
    messages.success(request, gettext("The search {selection} is deleted.").format(selection=selection))
    return redirect("nodes", request.team.slug)
