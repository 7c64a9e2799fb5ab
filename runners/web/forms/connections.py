"""What linking needs, all but a look at its forge: that is runners/connections/linking.py."""

import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from runners.web.forms.fields import SecretField
from tfci.core.names import NameField
from tfci.forges import addresses, authority, registry
from tfci.forges.errors import ForgeRefused
from tfci.forges.models import Connection

GROUP = _(
    "A runner group of the organization; the default one, if empty, takes no jobs of public repositories."
)
AUTHORITY = _(
    "The PEM certificate of the authority that signed the forge’s certificate, if it is not a public one."
)
REPOSITORY = re.compile(r"[^/\s\x00]{1,100}/[^/\s\x00]{1,100}")


def group_field() -> forms.CharField:
    return forms.CharField(required=False, label=_("Runner group"), max_length=100, help_text=GROUP)


def authority_field() -> forms.CharField:
    """What is pasted is read where it is used: the clock has a say."""
    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
    return forms.CharField(
        required=False,
        label=_("Certificate authority"),
        max_length=authority.MAX_LENGTH,
        help_text=AUTHORITY,
        widget=widget,
    )


class ConnectionForm(forms.Form):
    """Asks for what the kind of forge that it is about needs."""

    forge = forms.ChoiceField(
        choices=lambda: [(name, kind.title) for name, kind in registry.KINDS.items()],
        widget=forms.HiddenInput,
    )
    level = forms.ChoiceField(
        label=_("What to connect"),
        initial=Connection.Level.ORG,
        help_text=_("An organization or a user includes all of its repositories."),
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=300,
        help_text=_("The forge’s start page, such as https://git.example.org."),
    )
    name = NameField(
        required=False,
        label=_("Name"),
        max_length=200,
        help_text=_("As in its address: “acme” for an organization or user, “acme/app” for a repository."),
    )
    token = SecretField(
        label=_("Access token"),
        max_length=500,
        help_text=_("Stored encrypted, and never sent to a VM."),
    )
    way = forms.ChoiceField(
        label=_("Job discovery"),
        choices=[
            (Connection.Way.WEBHOOK, _("Webhook and polling")),
            (Connection.Way.POLL, _("Polling only")),
        ],
        initial=Connection.Way.WEBHOOK,
        help_text=_(
            "Choose polling only if the forge can’t reach this address; a job may then be found half a minute later."
        ),
    )
    runner_url = forms.CharField(
        required=False,
        label=_("Address for VMs"),
        max_length=300,
        help_text=_("If VMs reach the forge at another address than the one above."),
    )
    runner_group = group_field()
    authority = authority_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = registry.KINDS.get(self["forge"].value()) or next(iter(registry.KINDS.values()))
        cast(forms.ChoiceField, self.fields["level"]).choices = [
            (level, gettext(level.label).capitalize())
            for level in Connection.Level
            if level in self.kind.guide.scopes
        ]
        self.fields["url"].initial = self.kind.guide.address
        whole = Connection.Level.INSTANCE in self.kind.guide.scopes
        self.fields["name"].required = not whole
        self.fields["name"].plain = True  # type: ignore[attr-defined]  # an instance alone needs none, which the help text says
        if whole:
            self.fields["name"].help_text = gettext(
                "As in its address: “acme” for an organization or user, “acme/app” for a repository. Leave empty "
                "for an "
                "instance."
            )
        if not self.kind.webhooks:
            del self.fields["way"]
        if not self.kind.engine.runner_groups:
            del self.fields["runner_group"]
        if self.kind.guide.runner_url_help:
            self.fields["runner_url"].required = True
            self.fields["runner_url"].help_text = gettext(self.kind.guide.runner_url_help)

    @property
    def token_page(self) -> str:
        """Where one makes a token; "" while the address can't be read."""
        try:
            return addresses.address(self["url"].value() or "") + self.kind.guide.token_page
        except ForgeRefused:
            return ""

    @property
    def scopes(self) -> list[tuple[str, str, str]]:
        """Each level that can be connected, its label, and what a token needs for it."""
        levels = [level for level in Connection.Level if self.kind.guide.scopes.get(level)]
        return [(level, gettext(level.label), ", ".join(self.kind.guide.scopes[level])) for level in levels]

    @property
    def rare(self) -> list[forms.BoundField]:
        """What hardly anybody fills in."""
        return [self[name] for name in ("runner_group", "authority") if name in self.fields]

    @property
    def rare_wrong(self) -> bool:
        return any(field.errors for field in self.rare)

    def clean_url(self) -> str:
        try:
            return addresses.address(self.cleaned_data["url"])
        except ForgeRefused as error:
            raise ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """A repository is named with its owner, an instance by its address, all else without a slash."""
        cleaned = super().clean() or {}
        level, name = cleaned.get("level"), cleaned.get("name", "").strip()
        if level == Connection.Level.INSTANCE:
            cleaned["name"] = urlsplit(cleaned.get("url", "")).netloc
        elif "name" in cleaned and not name:
            self.add_error("name", self.fields["name"].default_error_messages["required"])
        elif level == Connection.Level.REPO and not REPOSITORY.fullmatch(name):
            self.add_error("name", gettext("Write a repository with its owner, like acme/app."))
        elif level and level != Connection.Level.REPO and "/" in name:
            self.add_error(
                "name",
                gettext(
                    "“{name}” looks like a repository: choose that above, or give the owner alone."
                ).format(name=name),
            )
        if cleaned.get("runner_group") and level != Connection.Level.ORG:
            self.add_error(
                "runner_group", gettext("Only organizations have runner groups. Leave this empty.")
            )
        return cleaned


class ConnectionTokenForm(forms.Form):
    """A new token for what is linked."""

    token = SecretField(label=_("New access token"), max_length=500)


class ReachForm(forms.Form):
    """How what is linked is reached, and where its runners go: of both what this link has of its own."""

    runner_group = group_field()
    authority = authority_field()

    def __init__(self, connection: Connection, data: Mapping[str, Any] | None = None) -> None:
        own = {"runner_group": connection.runner_group, "authority": connection.authority}
        super().__init__(data, initial=own)
        if (
            not registry.kind(connection.forge).engine.runner_groups
            or connection.level != Connection.Level.ORG
        ):
            del self.fields["runner_group"]
        if connection.installation_id:
            del self.fields["authority"]
