"""What the same minutes would have cost elsewhere. A page of its own, which *Spend* loads: it adds up single jobs,
which takes longer than the rest."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from billing import quotes
from runners.jobs import elsewhere
from runners.metering.date_spans import DAY, midnight
from runners.web.forms.spend import SpendForm
from runners.web.views.spend import dollars
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.grid import registry


@requires("spend.read")
def compare(request: TeamRequest) -> HttpResponse:
    """All jobs of the days that the query names; with htmx only the comparison."""
    zone = request.team.zone
    form = SpendForm(request.GET, timezone.now().astimezone(zone).date())
    if not form.is_valid():
        return redirect(f"{reverse('spend', args=[request.team.slug])}?{request.GET.urlencode()}")
    first, last = midnight(form.span.first, zone), midnight(form.span.last + DAY, zone)
    found = elsewhere.compare(request.team, first, last)
    price = quotes.prices(registry.network()) if found else None
    context = {
        "form": form,
        "days": urlencode({"since": form.span.first, "until": form.span.last}),
        "elsewhere": found,
        "elsewhere_usd": dollars(found.cost, price) if found else None,
    }
    template = "runners/spend/elsewhere.html"
    return render(request, f"{template}#compared" if request.htmx else template, context)
