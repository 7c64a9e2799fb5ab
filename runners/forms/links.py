"""What linking an organisation needs, all but a look at its forge: that is runners/links.py."""

from django import forms

from runners.forms.fields import SecretField
from tfci.forges import connect
from tfci.forges.models import LinkedOrg


class LinkForm(forms.Form):
    forge = forms.ChoiceField(choices=lambda: [(name, kind.title) for name, kind in connect.KINDS.items()])
    url = forms.CharField(
        label="Address", max_length=300, help_text="Of its start page, like https://git.example.org."
    )
    name = forms.CharField(label="Organisation", max_length=200, help_text="As it is spelled in its address.")
    token = SecretField(
        label="Access token",
        max_length=500,
        help_text="Of an owner of the organisation, with the scopes write:organization, read:repository and "
        "read:user. It is stored encrypted.",
    )
    way = forms.ChoiceField(
        label="How jobs are heard of",
        choices=LinkedOrg.Way,
        initial=LinkedOrg.Way.WEBHOOK,
        help_text="Choose polling where the forge can't reach this address.",
    )


class TokenForm(forms.Form):
    """A new token for an organisation that is linked."""

    token = SecretField(label="New access token", max_length=500)
