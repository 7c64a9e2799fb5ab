"""Teams that ask for TFT, and the answer no; the answer yes is a credit on the team's page."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from billing import credit_requests, ledger
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.core import paging
from tfci.core.tft import Tft


class DeclineForm(forms.Form):
    why = forms.CharField(
        max_length=200, label=gettext_lazy("Reason"), help_text=gettext_lazy("The team reads it.")
    )


@operator
def requests(request: SignedInRequest) -> HttpResponse:
    """Those that wait for an answer."""
    page = paging.page(credit_requests.open_requests(), request.GET)
    held = ledger.balances([one.team_id for one in page.items])
    rows = [(one, held.get(one.team_id, Tft())) for one in page.items]
    return render(request, "operator/credit_requests.html", {"page": page, "rows": rows})


@operator
@require_POST
def decline(request: SignedInRequest, pk: int) -> HttpResponse:
    """With a reason; an empty one changes nothing."""
    found, form = get_object_or_404(credit_requests.open_requests(), pk=pk), DeclineForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Enter a reason of at most 200 characters. The team reads it."))
    elif credit_requests.decline(found, form.cleaned_data["why"], request.user, timezone.now()):
        messages.success(request, gettext("The request of {team} is declined.").format(team=found.team.name))
    return redirect("operator_requests")
