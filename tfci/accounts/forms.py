"""What people fill in about teams, tokens and themselves."""

from collections.abc import Iterable
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy as _

from tfci.accounts import ssh_keys
from tfci.accounts.access import IN_WORDS
from tfci.accounts.audit_messages import NOUNS
from tfci.accounts.models import Membership, Role, Scope, User
from tfci.core.names import NameField


class TeamForm(forms.Form):
    name = NameField(
        label=_("Name of the team"),
        max_length=60,
        error_messages={
            "required": _("Enter a name of up to 60 characters."),
            "max_length": _("Enter a name of up to 60 characters."),
        },
    )


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]


class TeamZoneForm(forms.Form):
    time_zone = forms.ChoiceField(
        label=_("Time zone of the team"),
        choices=_zones,
        help_text=_(
            "Days and hours in this team’s rules count in this time zone. Statements use a new one from the next "
            "month on."
        ),
    )


class BillingDetailsForm(forms.Form):
    details = forms.CharField(
        label=_("Billing details"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        help_text=_(
            "Name, address and tax number, as statements show them. Everyone in the team can read them."
        ),
    )


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role)


class InviteForm(forms.Form):
    """`roles`: those that the inviting member may give."""

    email = forms.EmailField(
        label=_("Email address"),
        required=False,
        help_text=(
            _(
                "Farmhand mails the link, which works only for a person who has confirmed this address. Without an "
                "address, you get a link to share; it works once, for anyone who has it."
            )
        ),
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect, initial=Role.MEMBER)

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["role"]).choices = [
            (role, f"{role.label}: {gettext(IN_WORDS[role])}") for role in roles
        ]


class HandOverForm(forms.Form):
    """`people`: the memberships of those who may become the owner."""

    person: "forms.ModelChoiceField[Membership]" = forms.ModelChoiceField(
        None, label=_("New owner"), empty_label=_("Choose a member")
    )

    def __init__(self, *args: Any, people: QuerySet[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Membership]", self.fields["person"]).queryset = people


class TokenForm(forms.Form):
    name = NameField(
        label=_("Name"), max_length=60, help_text=_("What uses it: “deploy script”, “status board”.")
    )
    scope = forms.ChoiceField(
        label=_("Scope"),
        choices=[
            (Scope.READ, _("Read: see jobs, pools, VMs and spend")),
            (Scope.WRITE, _("Write: also connect forges, change pools and retire VMs")),
        ],
        initial=Scope.READ,
        widget=forms.RadioSelect,
    )
    days = forms.TypedChoiceField(
        label=_("Expires after"),
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year")), (0, _("never"))],
        coerce=int,
        initial=90,
        help_text=_("After that, the token is rejected and you need a new one."),
    )


def _nouns() -> list[tuple[str, str]]:
    return [("", gettext("Everything")), *((noun, gettext(word)) for noun, word in NOUNS.items())]


class AuditForm(forms.Form):
    """Stands in the address of the page."""

    who = forms.CharField(
        label=_("Who"),
        required=False,
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
    )
    noun = forms.ChoiceField(label=_("What"), required=False, choices=_nouns)
    on = forms.CharField(label=_("Name contains"), required=False, max_length=100)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def filters(self) -> dict[str, Any]:
        """What filters, by the names of audit.search; empty while something is wrong."""
        return self.cleaned_data if self.is_valid() else {}


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # takes none when it runs
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zones,
        help_text=_("Pages show times in this time zone."),
    )

    class Meta:
        model = User
        fields = ["name", "time_zone"]
        field_classes = {"name": NameField}
        labels = {"name": _("Your name")}
        help_texts = {"name": _("Shown to other members of your teams, together with your email address.")}


class SSHKeyForm(forms.Form):
    """`key` becomes a Key of ssh_keys.py."""

    key = forms.CharField(
        label=_("Public key"),
        max_length=4000,
        help_text=_("The line of a file like ~/.ssh/id_ed25519.pub."),
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
    )
    name = NameField(
        label=_("Name"),
        required=False,
        max_length=ssh_keys.MAX_COMMENT,
        help_text=_("Default: the comment after the key."),
    )

    def clean_key(self) -> ssh_keys.Key:
        try:
            return ssh_keys.read(self.cleaned_data["key"])
        except ssh_keys.InvalidKey as error:
            raise forms.ValidationError(str(error)) from None
