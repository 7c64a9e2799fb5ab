"""A pool's rule, checked as a whole."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.forms.models import model_to_dict
from django.utils.translation import gettext, gettext_lazy as _

from runners.models import Pool, Protection, Reuse
from runners.models.pool import LAST_POSITION
from runners.web.forms import fields
from runners.web.forms.pool_checks import PoolChecks
from runners.web.forms.schedule import RowShown, ScheduleField, rows_shown
from tfci.accounts.models import Team
from tfci.core.names import NameField
from tfci.forges.models import Connection

CHANGED_MEANWHILE = _(
    "Someone changed this pool after you opened this form. Compare it with the pool’s page; saving again replaces "
    "their change with what this form says."
)


class PoolForm(PoolChecks, forms.ModelForm):  # type: ignore[type-arg]  # takes none when it runs
    """Its `nodes` column is eight fields here: NODES and RULE. `offered`: connections that it may have, by name."""

    field_order = ("name", "connections")
    ADVANCED = (
        *("max_job_minutes", "linger_minutes", "protection", "reuse", "min_distinct_nodes", "pack"),
        *("min_success_percent", "cpu_target", "cpu_minutes", "container_image", "rerun_lost"),
        *("end_jobs_at_limit", "arm64_emulated", "position"),
    )

    connections = fields.ConnectionsField(
        Connection.objects.none(), label=_("Connections"), widget=forms.CheckboxSelectMultiple
    )
    repositories = fields.ListField(
        label=_("Repositories"),
        read=fields.repository,
        help_text=_("One owner/name per line; leave empty to take jobs of every repository."),
    )
    anchors = fields.ListField(
        read=fields.anchor,
        most=20,
        label=_("Required labels"),
        help_text=_("A job needs all of them; leave empty to take every job that asks for a size."),
    )
    min_distinct_nodes = forms.IntegerField(
        min_value=1,
        max_value=1000,
        label=_("Minimum nodes"),
        help_text=_("Spreads VMs over at least this many nodes."),
    )
    pack = forms.BooleanField(
        required=False,
        label=_("Pack VMs"),
        help_text=_("Uses as few nodes as the minimum allows, instead of spreading VMs evenly."),
    )
    sizes = fields.ListField(
        label=_("Sizes"),
        read=fields.size,
        required=True,
        help_text=_(
            "A name, or parts such as 4cpu8gbram50gbssd; jobs can ask for anything up to the largest."
        ),
    )
    default_size = forms.CharField(
        max_length=60, label=_("Default size"), help_text=_("For jobs whose labels name no size.")
    )
    min_vms = fields.CountsField(
        beside="sizes",
        label=_("VMs kept ready"),
        help_text=_("VMs kept ready start jobs at once, and cost TFT while they wait."),
    )
    schedule = ScheduleField()
    max_vms = forms.IntegerField(
        min_value=1,
        max_value=1000,
        label=_("Maximum VMs"),
        help_text=_("Further jobs wait until a VM is free."),
    )
    max_job_minutes = forms.IntegerField(
        min_value=1,
        max_value=10080,
        label=_("Job timeout (minutes)"),
        help_text=_("Stops jobs that run longer."),
    )
    linger_minutes = forms.IntegerField(
        min_value=0,
        max_value=1440,
        label=_("Idle timeout (minutes)"),
        help_text=_("Deletes a VM that no job has used for this long."),
    )
    cpu_target = forms.IntegerField(
        required=False,
        min_value=10,
        max_value=100,
        label=_("CPU target (%)"),
        help_text=_(
            "Keeps one more VM of a size ready while the busy ones use this much CPU; leave empty for none."
        ),
    )
    cpu_minutes = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=1440,
        label=_("Scaling delay (minutes)"),
        help_text=_("How long CPU use stays above or below the target before each step."),
    )
    protection = forms.ChoiceField(
        choices=[
            (Protection.ENCRYPTED, _("Encrypted disk: the key exists only in the VM’s memory")),
            (Protection.RAM, _("Memory only: nothing is written to a disk, and all of it counts as memory")),
            (Protection.NONE, _("None: the node’s owner can read the disk")),
        ],
        required=False,
        widget=forms.RadioSelect,
        label=_("Data protection"),
        help_text=_("Applies to everything that jobs write."),
    )
    reuse = forms.ChoiceField(
        choices=[
            (Reuse.NEVER, _("Never: each job gets a new VM")),
            (
                Reuse.REPOSITORY,
                _(
                    "For jobs of the same repository, after a reboot with a new key, if the forge guarantees that"
                ),
            ),
            (Reuse.ORGANISATION, _("For jobs of the same organization, after a reboot with a new key")),
        ],
        required=False,
        widget=forms.RadioSelect,
        label=_("VM reuse"),
        help_text=_(
            "Never after a pull request or another event that outsiders can cause, and for at most 20 jobs "
            "in 24 hours."
        ),
    )
    container_image = forms.CharField(
        required=False,
        max_length=300,
        label=_("Container image"),
        help_text=_(
            "Runs jobs in a container, such as docker.io/library/node:22, if the VM’s image has Docker and the "
            "job names no container."
        ),
    )
    rerun_lost = forms.BooleanField(
        required=False,
        label=_("Rerun lost jobs"),
        help_text=_("Asks the forge to run a job again when its VM failed, at most twice."),
    )
    end_jobs_at_limit = forms.BooleanField(
        required=False,
        label=_("End running jobs at a limit"),
        help_text=_(
            "Ends them within 5 minutes when a spending limit is reached, instead of letting them finish."
        ),
    )
    arm64_emulated = forms.BooleanField(
        required=False,
        label=_("Run arm64 jobs by emulation"),
        help_text=_("Takes jobs with arm64 labels; programs built for arm64 run 5 to 13 times slower."),
    )
    position = forms.IntegerField(
        label=_("Position"),
        min_value=0,
        max_value=LAST_POSITION,
        help_text=_("Each job goes to the matching pool with the lowest position."),
    )

    class Meta:
        model = Pool
        field_classes = {"name": NameField}
        fields = [
            *("name", "repositories", "anchors", "min_distinct_nodes", "sizes", "default_size"),
            *("min_vms", "schedule", "max_vms", "max_job_minutes", "linger_minutes", "protection", "reuse"),
            *("cpu_target", "cpu_minutes"),
            *("container_image", "rerun_lost", "end_jobs_at_limit", "arm64_emulated", "position"),
        ]

    def __init__(
        self, team: Team, data: Mapping[str, Any] | None = None, *, pool: Pool | None = None
    ) -> None:
        pool = pool or Pool(team=team)
        theirs = Pool.connections.through.objects.filter(pool=pool.pk, connection=OuterRef("pk"))
        named = Connection.objects.of(team).annotate(chosen=Exists(theirs)).order_by("name")
        found = named.filter(Q(disconnecting_at=None, disconnected_at=None) | Q(chosen=True))
        chosen = [connection for connection in found if connection.chosen]
        self.offered: list[Connection] = list(found)
        super().__init__(data, instance=pool, initial=self.nodes_of(pool.nodes) | {"connections": chosen})
        self.version = self._version() if pool.pk else ""
        field = cast("forms.ModelMultipleChoiceField[Connection]", self.fields["connections"])
        field.queryset = found

    @classmethod
    def data_of(cls, pool: Pool) -> dict[str, Any]:
        """A pool as data for this form, which changes nothing: what a change leaves out."""
        connections = list(pool.connections.values_list("pk", flat=True)) if pool.pk else []
        data = model_to_dict(pool, cls.Meta.fields) | cls.nodes_of(pool.nodes)
        return data | {"connections": connections}

    def _version(self) -> str:
        """Another one after each change of what the form shows."""
        connections = sorted(connection.pk for connection in self.initial["connections"])
        shown: dict[str, Any] = {**self.initial, "connections": connections}
        return sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()[:16]

    @property
    def size_rows(self) -> list[fields.SizeRow]:
        return fields.size_rows(self["min_vms"].value(), self.instance.sizes)

    @property
    def schedule_rows(self) -> list[RowShown]:
        return rows_shown(self["schedule"].value() or [], checked=self.is_bound)

    @property
    def advanced_wrong(self) -> bool:
        return bool(set(self.ADVANCED) & set(self.errors))

    def forget_missing(self) -> None:
        """Don't blame somebody who is still writing for what is empty."""
        for name, errors in list(self.errors.as_data().items()):
            if all(error.code == "required" for error in errors):
                del self.errors[name]

    def clean_name(self) -> str:
        name, pool = self.cleaned_data["name"], self.instance
        same = Pool.objects.of(pool.team).filter(name=name, closed_at=None)
        if taken := same.exclude(pk=pool.pk).first():
            text = gettext("A pool of this name is there already. Choose another name.")
            if taken.closing_at:
                text = gettext("A pool of this name is still being removed. Choose another name.")
            raise ValidationError(text, code="taken")
        return name

    def clean_cpu_minutes(self) -> int:
        return self.cleaned_data["cpu_minutes"] or self.instance.cpu_minutes

    def clean_protection(self) -> str:
        return self.cleaned_data["protection"] or self.instance.protection

    def clean_reuse(self) -> str:
        return self.cleaned_data["reuse"] or self.instance.reuse

    def clean_container_image(self) -> str:
        return fields.image(self.cleaned_data["container_image"])

    def clean_default_size(self) -> str:
        return fields.read_each(fields.size, [self.cleaned_data["default_size"]])[0]

    def clean(self) -> dict[str, Any]:
        if self.data.get("version", self.version) != self.version:
            self.add_error(None, ValidationError(CHANGED_MEANWHILE, code="changed"))
        return super().clean()
