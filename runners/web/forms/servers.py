"""A server of an app: its name, its size, where it may run, and what its app asks for."""

import re
from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from runners.jobs.labels import Size
from runners.models import Server
from runners.servers.catalogue import apps
from runners.web.forms.choice import NodesForm
from runners.web.forms.fields import SecretField
from tfci.accounts.models import Team
from tfci.core.names import NameField
from tfci.core.secret import Secret

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*")
PREFIX = "app_"  # of the fields that an app asks for


class ServerForm(NodesForm):
    """For one app. What it asks for are fields whose names begin with PREFIX; `answers()` has them without it."""

    name = NameField(
        label=_("Name"), max_length=60, help_text=_("Letters, digits, spaces, dots and hyphens.")
    )
    size = forms.ChoiceField(label=_("Size"))

    field_order = ("name", "size")

    def __init__(
        self,
        team: Team,
        app: apps.App,
        data: Mapping[str, Any] | None = None,
        *,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.team, self.app = team, app
        cast(forms.ChoiceField, self.fields["size"]).choices = [
            (size, str(Size.parse(size))) for size in app.sizes
        ]
        for ask in app.asks:
            kind = SecretField if ask.secret else forms.CharField
            self.fields[PREFIX + ask.name] = kind(label=ask.label, help_text=ask.help, max_length=300)

    @property
    def app_fields(self) -> list[forms.BoundField]:
        """The fields of its app."""
        return [self[PREFIX + ask.name] for ask in self.app.asks]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if not NAME.fullmatch(name):
            raise ValidationError(gettext("Use only letters, digits, spaces, dots and hyphens."))
        if taken := Server.objects.of(self.team).filter(name=name, closed_at=None).first():
            text = gettext("A server with this name already exists. Choose another name.")
            if taken.closing_at:
                text = gettext("A server with this name is still being deleted. Choose another name.")
            raise ValidationError(text, code="taken")
        return name

    def clean(self) -> dict[str, Any]:
        """What is put into an app's files must not end their lines."""
        cleaned = super().clean() or {}
        for ask in self.app.asks:
            if not _text(cleaned.get(PREFIX + ask.name, "")).isprintable():
                self.add_error(PREFIX + ask.name, gettext("Enter a single line."))
        return cleaned

    def answers(self) -> dict[str, str]:
        """What its app asked for, secrets too."""
        return {ask.name: _text(self.cleaned_data[PREFIX + ask.name]) for ask in self.app.asks}

    def server(self) -> Server:
        """A new one, not saved yet."""
        size = Size.parse(self.cleaned_data["size"])
        return Server(
            team=self.team,
            name=self.cleaned_data["name"],
            app=self.app.slug,
            cpu=size.cpu,
            memory_gb=size.memory_gb,
            disk_gb=size.disk_gb,
            nodes=self.nodes(self.cleaned_data),
        )


def _text(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


class GoneForm(forms.Form):
    """`name`: what must be typed before the server goes."""

    typed = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = name
        self.fields["typed"].label = gettext("Type the name of the server: {name}").format(name=name)

    def clean_typed(self) -> str:
        if self.cleaned_data["typed"].strip() != self.name:
            raise ValidationError(gettext("This is not the name of the server. The name is case-sensitive."))
        return self.name
