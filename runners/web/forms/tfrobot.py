"""A tfrobot configuration, checked as the pools that it would become."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, gettext_lazy as _

from runners.models import Pool
from runners.models.pool import LAST_POSITION
from runners.pools.tfrobot import document, reader, writer
from runners.pools.tfrobot.exchange import PoolDraft
from runners.pools.tfrobot.writer import NodeGroup
from runners.web.forms.fields import MOST_SENTENCES, ConnectionsField
from runners.web.forms.pools import PoolForm
from tfci.accounts.models import Team
from tfci.core.names import NameField
from tfci.forges.models import Connection

LEAST_VMS = Pool._meta.get_field("max_vms").default


class RobotForm(forms.Form):
    """Valid once each group of the file is a valid pool; then `drafts` are those, and `report` what became of each
    key. A file comes as a text or as an upload."""

    name = NameField(
        label=_("Name"),
        required=False,
        max_length=100,
        help_text=(
            _(
                "Name of the pool; with several pools, the first part of their names. Default: the names of the "
                "groups."
            )
        ),
    )
    connections = ConnectionsField(
        Connection.objects.none(), label=_("Connections"), widget=forms.CheckboxSelectMultiple, required=False
    )
    file = forms.FileField(required=False, label=_("File"), help_text=_("YAML or JSON."))
    tfrobot = forms.CharField(
        required=False,
        label=_("Or paste it"),
        max_length=document.LARGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "class": "mono", "spellcheck": "false"}),
    )

    def __init__(
        self,
        team: Team,
        data: Mapping[str, Any] | None = None,
        files: "MultiValueDict[str, UploadedFile[bytes]] | None" = None,
    ) -> None:
        super().__init__(data, files)
        self.team = team
        self.linked = (
            Connection.objects.of(team).filter(disconnecting_at=None, disconnected_at=None).order_by("name")
        )
        cast("forms.ModelMultipleChoiceField[Connection]", self.fields["connections"]).queryset = self.linked
        self.fields["connections"].help_text = gettext("Connections whose jobs the pools take. Default: all.")
        self.report: list[reader.KeyLine] = []
        self.drafts: list[PoolDraft] = []

    def clean_connections(self) -> list[Connection]:
        chosen = list(self.cleaned_data["connections"] or self.linked)
        if not chosen:
            raise ValidationError(gettext("Connect a forge first. A pool takes jobs of your connections."))
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            found = reader.read(self._text(cleaned))
        except document.UnreadableDocument as error:
            self.add_error("tfrobot", [ValidationError(f"{fault}.".capitalize()) for fault in error.errors])
            return cleaned
        self.report = found.lines
        names = self._names(found.groups, cleaned["name"])
        messages: list[str] = []
        for group, name, line in zip(found.groups, names, found.at, strict=True):
            messages += self._draft(group, name, line, cleaned["connections"], alone=len(names) == 1)
            if len(messages) >= MOST_SENTENCES:
                break
        if messages:
            self.add_error("tfrobot", [ValidationError(message) for message in messages[:MOST_SENTENCES]])
        return cleaned

    def _text(self, cleaned: dict[str, Any]) -> str:
        """The upload counts where both are there. Its text stands in the form from then on, for no browser sends a
        file a second time."""
        upload = cleaned.get("file")
        if upload is None:
            return cleaned["tfrobot"]
        if upload.size > document.LARGEST:
            message = gettext("The file has {size} bytes; the maximum is {largest}.").format(
                size=upload.size, largest=document.LARGEST
            )
            raise ValidationError({"file": message})
        try:
            text = upload.read().decode()
        except UnicodeDecodeError:
            raise ValidationError({"file": gettext("The file is not UTF-8 text.")}) from None
        data = cast("QueryDict", self.data).copy()
        data["tfrobot"] = text
        self.data = data
        return text

    def _names(self, groups: Iterable[NodeGroup], name: str) -> list[str]:
        groups = list(groups)
        if name and len(groups) == 1:
            return [name]
        return [f"{name} {(group.settings or {}).get('name') or group.name}".strip() for group in groups]

    def _connections(self, group: NodeGroup, connections: list[Connection]) -> list[Connection]:
        """Where nobody chose, those that the file names and the team has."""
        names = (group.settings or {}).get("connections", ())
        named = [
            connection for connection in connections if isinstance(names, list) and connection.name in names
        ]
        return named if named and not self.data.get("connections") else connections

    def _draft(
        self, group: NodeGroup, name: str, line: int, connections: list[Connection], *, alone: bool
    ) -> list[str]:
        """Adds one; what is wrong with it otherwise."""
        position = min(Pool.next_position(self.team) + len(self.drafts), LAST_POSITION)
        pool = Pool(team=self.team, position=position)
        values = group.settings or self._values(group, alone=alone)
        chosen = {
            "name": name,
            "connections": [connection.pk for connection in self._connections(group, connections)],
        }
        form = PoolForm(self.team, {**PoolForm.data_of(pool), **values, **chosen}, pool=pool)
        if form.is_valid():
            self.drafts.append(PoolDraft(form.instance, form.cleaned_data["connections"]))
        return [
            gettext("Line {line}, {group}: {sentence}").format(line=line, group=group.name, sentence=sentence)
            for sentences in form.errors.values()
            for sentence in sentences
        ]

    def _values(self, group: NodeGroup, *, alone: bool) -> dict[str, object]:
        """A pool's settings of what tfrobot has keys for.

        Several pools of one file would all match the same jobs: each but a lone one asks for its name as a label."""
        sizes = {writer.word(size): count for size, count in sorted(group.vms.items())}
        return {
            "anchors": [] if alone else [group.name],
            "regions": [group.region] if group.region else [],
            "certified": group.certified,
            "min_distinct_nodes": group.nodes,
            "sizes": list(sizes),
            "default_size": next(iter(sizes)),
            "min_vms": sizes,
            "max_vms": max(sum(sizes.values()), LEAST_VMS),
        }
