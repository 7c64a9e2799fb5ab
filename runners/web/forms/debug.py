"""For how long debug access is opened."""

from django import forms

from runners.vms.debug_access import MINUTES


class DebugForm(forms.Form):
    minutes = forms.TypedChoiceField(choices=[(each, f"{each} minutes") for each in MINUTES], coerce=int)
