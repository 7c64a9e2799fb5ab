"""Where a team pays TFT in, and what came in."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from billing.cashier import addresses, cashiers, deposits, practice_wallet
from runners.queue import nudges
from tfci.accounts.access import may, requires
from tfci.accounts.requests import TeamRequest
from tfci.core import paging
from tfci.core.tft import UNIT, Tft
from tfci.grid.ports import GridError

AMOUNTS = (10, 100, 1000)  # TFT that the practice wallet pays at a click


class PracticeForm(forms.Form):
    amount = forms.TypedChoiceField(
        label=gettext_lazy("Amount"), choices=[(str(each), each) for each in AMOUNTS], coerce=int
    )


@requires("spend.read")
def deposit(request: TeamRequest) -> HttpResponse:
    """The address and all ways to it; without one, when there will be."""
    cashier = cashiers.current()
    address = addresses.of_team(cashier, request.team) if cashier else None
    earlier = addresses.earlier(cashier, request.team) if cashier else []
    known = [address, *earlier] if address else earlier
    memo = addresses.memo(address) if address else ""
    context = {
        "cashier": cashier,
        "address": address,
        "earlier": earlier,
        "stopped": next((each for each in known if each.stopped_at), None),
        "bridge": settings.BRIDGE,
        "memo": memo,
        "stellar_link": f"TFT:{settings.BRIDGE}?message={memo}&sender=me",  # as ThreeFold's dashboard writes it
        "seen": deposits.seen(known),
        "page": paging.page(deposits.of_team(request.team), request.GET) if known else None,
        "amounts": AMOUNTS if practice_wallet.available() and may(request.role, "funds.ask") else (),
    }
    return render(request, "runners/spend/deposit.html", context)


@require_POST
@requires("funds.ask")
def practice_payment(request: TeamRequest) -> HttpResponse:
    """The practice wallet pays. It comes in as every other payment does: the watcher reads it from the chain."""
    cashier, form = cashiers.current(), PracticeForm(request.POST)
    address = addresses.of_team(cashier, request.team) if cashier else None
    if address is None or not practice_wallet.available():
        raise Http404(gettext("There is no practice wallet here."))
    if not form.is_valid():
        messages.error(request, gettext("Choose one of the amounts."))
        return redirect("deposit", request.team.slug)
    amount = Tft(form.cleaned_data["amount"] * UNIT)
    try:
        practice_wallet.pay(address.address, amount)
    except GridError as error:
        messages.error(request, str(error))
    else:
        nudges.use_cashier()
        messages.success(
            request, gettext("The practice wallet paid. The deposit appears below in a few seconds.")
        )
    return redirect("deposit", request.team.slug)
