"""For how long debug access is opened."""

from django import forms
from django.utils.translation import gettext_lazy

from runners.vms.debug_access import MINUTES
from tfci.core.formatting import plural


class DebugForm(forms.Form):
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("Minutes"),
        choices=lambda: [(each, plural(each, "minute")) for each in MINUTES],
        coerce=int,
    )
