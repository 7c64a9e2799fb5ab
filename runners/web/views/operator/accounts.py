"""The chain accounts that pay for VMs, and the way to add one."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from billing import accounts as paying
from runners.web.forms.fields import LARGEST_ID, SecretField
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.grid import registry
from tfci.grid.ports import GridError


class AccountForm(forms.Form):
    twin_id = forms.IntegerField(
        label=gettext_lazy("Twin"),
        min_value=1,
        max_value=LARGEST_ID,
        help_text=gettext_lazy("Number of the account on the grid."),
    )
    words = SecretField(
        label=gettext_lazy("Mnemonic"),
        max_length=500,
        help_text=gettext_lazy("Checked on the chain, stored encrypted and never shown again."),
    )


@operator
def accounts(request: SignedInRequest) -> HttpResponse:
    """The list, and the form; words that the chain does not know change nothing."""
    form = AccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values, now = form.cleaned_data, timezone.now()
        try:
            holds = paying.add(values["twin_id"], values["words"], request.user, now)
        except (paying.AccountKnown, GridError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                gettext("Account {twin} is active. Its balance is {holds} TFT.").format(
                    twin=values["twin_id"], holds=holds
                ),
            )
            return redirect("operator_accounts")
    context = {"accounts": paying.list_accounts(timezone.now()), "form": form, "network": registry.network()}
    return render(request, "operator/accounts.html", context, status=422 if form.errors else 200)
