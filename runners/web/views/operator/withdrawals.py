"""Withdrawals of all teams that are not paid yet, and what to do where the cashier's account did more than we know."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from billing.cashier import cashiers
from billing.withdrawal_rules.life import WithdrawalState
from billing.withdrawals import requests, unknown_acts
from runners.web.forms.fields import LARGEST_ID
from runners.web.views.withdrawals import LOOKS
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.core import paging


class ReleaseForm(forms.Form):
    """In the address, for the question and its answer are one page. Up to which number the operator saw and compared
    them: one that comes later holds withdrawals up again."""

    next_number = forms.IntegerField(min_value=1, max_value=LARGEST_ID)


@operator
def withdrawals(request: SignedInRequest) -> HttpResponse:
    page, unknown = paging.page(requests.unpaid(), request.GET), unknown_acts.reported()
    query = {"next_number": unknown.next_number} if unknown else {}
    context = {
        "page": page,
        "rows": [(row, *LOOKS[WithdrawalState(row.state)]) for row in page.items],
        "unknown": unknown,
        "release": reverse("operator_withdrawals_release", query=query),
    }
    return render(request, "operator/withdrawals.html", context)


@operator
def release(request: SignedInRequest) -> HttpResponse:
    """None of the unknown acts has paid what is still listed as set aside."""
    form, cashier = ReleaseForm(request.GET), cashiers.current()
    if cashier is None or not form.is_valid():
        return redirect("operator_withdrawals")
    if request.method == "POST":
        unknown_acts.release(cashier, form.cleaned_data["next_number"], request.user, timezone.now())
        messages.success(request, gettext("The withdrawals are released."))
        return redirect("operator_withdrawals")
    question = {
        "title": gettext("Release withdrawals?"),
        "text": gettext(
            "Farmhand then pays all withdrawals that are set aside. If one of the unknown transactions has paid one of "
            "them, it is paid twice. Mark that one as paid first."
        ),
        "verb": gettext("Release withdrawals"),
    }
    return render(request, "confirm.html", question | {"back": reverse("operator_withdrawals")})


@operator
def mark_paid(request: SignedInRequest, pk: int) -> HttpResponse:
    """One of the unknown acts has paid it."""
    row = get_object_or_404(requests.unpaid(), pk=pk)
    if request.method == "POST":
        if unknown_acts.mark_paid(row, request.user, timezone.now()):
            messages.success(request, gettext("The withdrawal is marked as paid."))
        else:
            messages.error(request, gettext("Only a withdrawal that is set aside can be marked as paid."))
        return redirect("operator_withdrawals")
    text = gettext(
        "{amount} TFT to {address}. Farmhand then never pays it, and its TFT leave the team’s balance."
    )
    question = {
        "title": gettext("Mark the withdrawal of {team} as paid?").format(team=row.team.name),
        "text": text.format(amount=row.amount, address=row.address),
        "verb": gettext("Mark as paid"),
    }
    return render(request, "confirm.html", question | {"back": reverse("operator_withdrawals")})
