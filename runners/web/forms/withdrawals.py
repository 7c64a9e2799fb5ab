"""What is asked for a withdrawal."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from billing.cashier import deposits
from billing.withdrawal_rules import addresses
from billing.withdrawal_rules.addresses import Route
from billing.withdrawals import requests
from runners.web.forms.fields import TftFormField
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.grid.ports import GridError

MINIMUM = Tft.parse("0.1")  # that must arrive


class WithdrawalForm(forms.Form):
    """`payable`: what the team may take out now, the fee included."""

    route = forms.ChoiceField(
        label=_("Pay out to"),
        choices=[(Route.TFCHAIN, _("TFChain")), (Route.STELLAR, _("Stellar, through the bridge"))],
        initial=Route.TFCHAIN,
        widget=forms.RadioSelect,
    )
    address = forms.CharField(
        label=_("Address"),
        max_length=100,
        help_text=_(
            "Of a wallet whose keys you hold. An exchange would need a memo, and a withdrawal has none."
        ),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    amount = TftFormField(label=_("Amount (TFT)"), widget=forms.TextInput({"inputmode": "decimal"}))

    def __init__(self, data: Mapping[str, Any] | None = None, *, payable: Tft) -> None:
        super().__init__(data)
        self.bridge_fee = Tft()
        self._payable = payable

    def clean_address(self) -> str:
        """Of the way that was chosen. What came to an address of ours by the cashier would be nobody's."""
        text: str = self.cleaned_data["address"]
        if "route" not in self.cleaned_data:
            return text
        try:
            address = addresses.check(Route(self.cleaned_data["route"]), text)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        if deposits.is_ours(address):
            raise ValidationError(gettext("Farmhand itself uses this address. Enter one of your own wallet."))
        return address

    def clean_amount(self) -> Tft:
        amount: Tft = self.cleaned_data["amount"]
        maximum = self._payable - requests.highest_fee()
        if amount > maximum:
            text = gettext("At most {maximum} TFT can be paid out now, and the chain’s fee besides.")
            raise ValidationError(text.format(maximum=max(Tft(), maximum)))
        return amount

    def clean(self) -> None:
        if {"route", "address", "amount"} - self.cleaned_data.keys():
            return
        if self.cleaned_data["route"] == Route.STELLAR:
            self._ask_bridge()
        minimum = MINIMUM + self.bridge_fee
        if self.cleaned_data["amount"] < minimum:
            self.add_error("amount", gettext("Pay out at least {minimum} TFT.").format(minimum=minimum))

    def _ask_bridge(self) -> None:
        """What it keeps of each payment."""
        try:
            self.bridge_fee = registry.payment_chain().bridge_fees().withdrawal
        except GridError as error:
            text = gettext("The chain did not tell the bridge’s fee: {error} Try again in a minute.")
            self.add_error(None, text.format(error=error))
