"""Search over all that a team has, as a page and as the command palette."""

from django.http import HttpResponse
from django.shortcuts import render

from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.pages import team_search

LONGEST = 100  # characters of a query
PALETTE, PAGE = 5, 10  # results in each group


@requires("team.read")
def search(request: TeamRequest) -> HttpResponse:
    """What ?q= finds. With htmx only the palette's list."""
    query = " ".join(request.GET.get("q", "")[:LONGEST].split())
    groups = team_search.find(request.team, request.role, query, PALETTE if request.htmx else PAGE)
    template = "search/results.html" if request.htmx else "search/page.html"
    return render(request, template, {"query": query, "groups": groups})
