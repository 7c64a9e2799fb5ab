"""What linking needs, all but a look at its forge: that is runners/links.py."""

import re
from urllib.parse import urlsplit

from django import forms

from runners.forms.fields import SecretField
from tfci.forges import connect
from tfci.forges.models import LinkedOrg

REPOSITORY = re.compile(r"[^/\s\x00]{1,100}/[^/\s\x00]{1,100}")


class LinkForm(forms.Form):
    """Asks for what the kind of forge that it is about needs."""

    forge = forms.ChoiceField(
        choices=lambda: [(name, kind.title) for name, kind in connect.KINDS.items()], widget=forms.HiddenInput
    )
    level = forms.ChoiceField(
        label="What to link",
        initial=LinkedOrg.Level.ORG,
        help_text="An organisation or a user brings all repositories that it owns.",
    )
    url = forms.CharField(
        label="Address", max_length=300, help_text="Of its start page, like https://git.example.org."
    )
    name = forms.CharField(
        required=False,
        label="Name",
        max_length=200,
        help_text="As it is spelled in its address: “acme” of an organisation or user, “acme/app” of a repository.",
    )
    token = SecretField(
        label="Access token",
        max_length=500,
        help_text="Which one it needs stands beside. It is stored encrypted.",
    )
    way = forms.ChoiceField(
        label="How jobs are heard of",
        choices=LinkedOrg.Way,
        initial=LinkedOrg.Way.WEBHOOK,
        help_text="Choose polling where the forge can't reach this address.",
    )
    runner_url = forms.CharField(
        required=False,
        label="Address for machines",
        max_length=300,
        help_text="Only where machines must call it at another address than the one above.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = connect.KINDS.get(self["forge"].value()) or next(iter(connect.KINDS.values()))
        self.fields["level"].choices = [
            (level, level.label.capitalize()) for level in LinkedOrg.Level if level in self.kind.scopes
        ]
        whole = LinkedOrg.Level.INSTANCE in self.kind.scopes
        self.fields["name"].required = not whole
        self.fields["name"].plain = True  # an instance alone needs none, which the help text says
        self.fields["name"].help_text += " An instance needs none." if whole else ""
        if not self.kind.hooks:
            del self.fields["way"]
        if self.kind.runner_url:
            self.fields["runner_url"].required = True
            self.fields["runner_url"].help_text = self.kind.runner_url

    def clean(self):
        """A repository is named with its owner, an instance by its address, all else without a slash."""
        said = super().clean()
        level, name = said.get("level"), said.get("name", "").strip()
        if level == LinkedOrg.Level.INSTANCE:
            said["name"] = urlsplit(said.get("url", "").strip()).netloc
        elif "name" in said and not name:
            self.add_error("name", self.fields["name"].default_error_messages["required"])
        elif level == LinkedOrg.Level.REPO and not REPOSITORY.fullmatch(name):
            self.add_error("name", "Write a repository with its owner, like acme/app.")
        elif level and level != LinkedOrg.Level.REPO and "/" in name:
            self.add_error(
                "name", f"“{name}” looks like a repository: choose that above, or give the owner alone."
            )
        return said


class TokenForm(forms.Form):
    """A new token for what is linked."""

    token = SecretField(label="New access token", max_length=500)
