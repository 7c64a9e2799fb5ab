"""The operator's limits of one team."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from billing import limits
from billing.limits import TeamCaps
from tfci.core.tft import UNIT, Tft

LARGEST = 2**31 - 1  # of the columns


class TeamLimitsForm(forms.Form):
    """Empty fields follow the installation's settings."""

    max_vms = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST,
        label=_("Maximum VMs"),
        help_text=_("0: no VM can start."),
    )
    max_per_hour = forms.CharField(
        required=False,
        max_length=20,
        label=_("Maximum price (TFT/hour)"),
        help_text=_("For all its VMs together."),
        widget=forms.TextInput({"inputmode": "decimal"}),
    )
    max_job_minutes = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST, label=_("Maximum job time (minutes)")
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, own: TeamCaps) -> None:
        price = f"{own.max_per_hour / UNIT:g}" if own.max_per_hour is not None else None
        initial = {"max_vms": own.max_vms, "max_per_hour": price, "max_job_minutes": own.max_job_minutes}
        super().__init__(data, initial=initial)
        caps = limits.default_caps()
        defaults = (caps.max_vms, f"{caps.max_per_hour / UNIT:g}", caps.max_job_minutes)
        for field, default in zip(self.fields.values(), defaults, strict=True):
            field.help_text = (
                gettext("Default {default}. {help_text}")
                .format(default=default, help_text=field.help_text)
                .strip()
            )

    def clean_max_per_hour(self) -> Tft | None:
        text = self.cleaned_data["max_per_hour"].strip()
        if not text:
            return None
        try:
            amount = Tft.parse(text)
        except ValueError as error:
            raise ValidationError(
                gettext("Enter a number of TFT with at most 7 decimals, like 100 or 0.5.")
            ) from error
        if amount < 0:
            raise ValidationError(gettext("Enter 0 or more."))
        return amount

    def caps(self) -> TeamCaps:
        """What was filled in; call it once the form is valid."""
        return TeamCaps(**self.cleaned_data)
