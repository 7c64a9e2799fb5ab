"""Withdrawals of all teams that are not paid yet, and what to do where the cashier's account did more than we know."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from billing.cashier import cashiers
from billing.withdrawal_rules.life import WithdrawalState
from billing.withdrawals import requests, unknown_acts
from runners.web.forms.fields import LARGEST_ID
from runners.web.views.withdrawals import LOOKS
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.core import paging


class ReleaseForm(forms.Form):
    """Up to which number the operator saw and compared them: one that comes later holds withdrawals up again."""

    next_number = forms.IntegerField(min_value=1, max_value=LARGEST_ID)


@operator
def withdrawals(request: SignedInRequest) -> HttpResponse:
    page = paging.page(requests.unpaid(), request.GET)
    context = {
        "page": page,
        "rows": [(row, *LOOKS[WithdrawalState(row.state)]) for row in page.items],
        "unknown": unknown_acts.reported(),
    }
    return render(request, "operator/withdrawals.html", context)


@operator
@require_POST
def release(request: SignedInRequest) -> HttpResponse:
    """None of the unknown acts has paid what is still listed as set aside."""
    form, cashier = ReleaseForm(request.POST), cashiers.current()
    if cashier and form.is_valid():
        unknown_acts.release(cashier, form.cleaned_data["next_number"], request.user, timezone.now())
        messages.success(request, gettext("The withdrawals are released."))
    return redirect("operator_withdrawals")


@operator
@require_POST
def mark_paid(request: SignedInRequest, pk: int) -> HttpResponse:
    """One of the unknown acts has paid it."""
    row = get_object_or_404(requests.unpaid(), pk=pk)
    if unknown_acts.mark_paid(row, request.user, timezone.now()):
        messages.success(request, gettext("The withdrawal is marked as paid."))
    else:
        messages.error(request, gettext("Only a withdrawal that is set aside can be marked as paid."))
    return redirect("operator_withdrawals")
