"""The account that takes TFT in: how it is set and replaced, how far its chain was read, what it signed, and what needs
a person."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache

from billing.cashier import addresses, cashiers, deposits, handover, signing
from runners.queue import nudges
from runners.web.forms.fields import SecretField
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.accounts.second_factor import asked_again
from tfci.grid import registry
from tfci.grid.ports import GridError

SHOWN = 20  # acts, and transfers that belong to nobody


class CashierForm(forms.Form):
    words = SecretField(
        label=gettext_lazy("Mnemonic"),
        max_length=500,
        help_text=gettext_lazy("Of an account that deploys nothing. Stored encrypted and never shown again."),
    )


@operator
def cashier(request: SignedInRequest) -> HttpResponse:
    """Words that are no account's change nothing."""
    form = CashierForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            holds = cashiers.open_cashier(form.cleaned_data["words"], request.user, timezone.now())
        except (cashiers.CashierKnown, GridError) as error:
            form.add_error(None, str(error))
        else:
            nudges.use_cashier()
            messages.success(
                request, gettext("The cashier is active. It holds {holds} TFT.").format(holds=holds)
            )
            return redirect("operator_cashier")
    known = cashiers.current()
    context: dict[str, object] = {"form": form, "network": registry.network(), "cashier": known}
    if known:
        opened, waiting = addresses.counts(known)
        context |= {
            "opened": opened,
            "waiting": waiting,
            "stopped": list(deposits.stopped(known)),
            "unassigned": list(deposits.unassigned(known)[:SHOWN]),
            "acts": list(signing.newest(known, SHOWN)),
            "replaced": list(cashiers.with_predecessors(known).exclude(pk=known.pk)),
        }
    return render(request, "operator/cashier.html", context, status=422 if form.errors else 200)


CHANGED = {
    cashiers.CashierChange.WORDS: gettext_lazy(
        "The mnemonic of the cashier is stored again, with the newest key."
    ),
    cashiers.CashierChange.ACCOUNT: gettext_lazy(
        "The cashier is replaced. Deposit addresses of the new account are created now."
    ),
}


@never_cache
@operator
@asked_again
def replace(request: SignedInRequest) -> HttpResponse:
    """The account that all TFT go to from then on, so it needs more than a browser that was left open."""
    known = cashiers.current()
    if known is None:
        return redirect("operator_cashier")
    form = CashierForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            change = cashiers.replace(form.cleaned_data["words"], request.user, timezone.now())
        except (cashiers.CashierKnown, GridError) as error:
            form.add_error(None, str(error))
        else:
            nudges.use_cashier()
            messages.success(request, CHANGED[change])
            return redirect("operator_cashier")
    context = {"form": form, "cashier": known, "kept": handover.KEPT}
    return render(request, "operator/cashier_replace.html", context, status=422 if form.errors else 200)
