"""The words of a team's own twin."""

from django import forms
from django.utils.translation import gettext_lazy as _

from runners.web.forms.fields import SecretField


class OwnTwinForm(forms.Form):
    words = SecretField(
        label=_("Mnemonic"),
        max_length=500,
        help_text=_(
            "The 12 to 24 words of the account. They are checked, stored encrypted, and never shown again."
        ),
    )
    alone = forms.BooleanField(
        label=_("This account was made for this team alone"),
        help_text=_(
            "Anyone who holds the words can spend everything on it, and only one program may sign with it."
        ),
    )
