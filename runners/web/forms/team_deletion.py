"""What is asked before a team is deleted."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from tfci.core.tft import Tft


class TeamDeletionForm(forms.Form):
    """`name`: what must be typed. `staying`: TFT that the team could still pay out."""

    leave = forms.BooleanField(
        error_messages={"required": _("Pay the TFT out first, or confirm that they stay with the operator.")}
    )
    typed = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, name: str, staying: Tft, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.fields["typed"].label = gettext("Type the name of the team: {name}").format(name=name)
        if staying:
            self.fields["leave"].label = gettext("Leave {staying} TFT with the operator").format(
                staying=staying
            )
        else:
            del self.fields["leave"]

    def clean_typed(self) -> str:
        if self.cleaned_data["typed"].strip() != self.name.strip():
            raise ValidationError(gettext("This is not the name of the team. The name is case-sensitive."))
        return self.name
