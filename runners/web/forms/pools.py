"""A pool's rule, checked as a whole."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms.models import model_to_dict
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from billing import limits
from runners.jobs import labels
from runners.models import Pool, Protection, Reuse
from runners.models.pool import LAST_POSITION
from runners.reasons.labels import LabelReason
from runners.vms import trust
from runners.web.forms import fields
from runners.web.forms.choice import NodesForm
from runners.web.forms.schedule import RowShown, ScheduleField, peak_fault, rows_shown
from tfci.accounts.models import Team
from tfci.core.names import NameField
from tfci.forges import registry
from tfci.forges.models import Connection
from tfci.grid.models import Node
from tfci.grid.registry import network, reboots_clean

CHANGED_MEANWHILE = _(
    "Someone changed this pool after you opened this form. Compare it with the pool’s page; saving again replaces "
    "their change with what this form says."
)


class PoolForm(NodesForm, forms.ModelForm):  # type: ignore[type-arg]  # takes none when it runs
    """Its `nodes` column is eight fields here: NODES and RULE."""

    RULE = (*NodesForm.RULE, "pack")
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
            *(
                "name",
                "connections",
                "repositories",
                "anchors",
                "min_distinct_nodes",
                "sizes",
                "default_size",
            ),
            *("min_vms", "schedule", "max_vms", "max_job_minutes", "linger_minutes", "protection", "reuse"),
            *("cpu_target", "cpu_minutes"),
            *("container_image", "rerun_lost", "end_jobs_at_limit", "arm64_emulated", "position"),
        ]

    def __init__(
        self, team: Team, data: Mapping[str, Any] | None = None, *, pool: Pool | None = None
    ) -> None:
        pool = pool or Pool(team=team)
        super().__init__(data, instance=pool, initial=self.nodes_of(pool.nodes))
        self.version = self._version() if pool.pk else ""
        alive = Q(disconnecting_at=None, disconnected_at=None)
        theirs = Q(pk__in=pool.connections.values("pk")) if pool.pk else Q()
        cast("forms.ModelMultipleChoiceField[Connection]", self.fields["connections"]).queryset = (
            Connection.objects.of(team).filter(alive | theirs).order_by("name")
        )

    @classmethod
    def data_of(cls, pool: Pool) -> dict[str, Any]:
        """A pool as data for this form, which changes nothing: what a change leaves out."""
        data = model_to_dict(pool, cls.Meta.fields) | cls.nodes_of(pool.nodes)
        return data | {"connections": [connection.pk for connection in data["connections"]]}

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
        cleaned = super().clean() or {}
        if self.data.get("version", self.version) != self.version:
            self.add_error(None, ValidationError(CHANGED_MEANWHILE, code="changed"))
        if "sizes" in cleaned:
            self._check_sizes(cleaned["sizes"], cleaned)
        if "connections" in cleaned and "repositories" in cleaned:
            self._check_repositories(cleaned["repositories"], cleaned["connections"])
        self._check_containers(cleaned)
        self._check_reuse(cleaned)
        self._check_caps(cleaned)
        if not set(self.errors) & {*self.NODES, *self.RULE}:
            self.instance.nodes = self.nodes(cleaned)
            self._check_nodes(cleaned)
        return cleaned

    def _check_containers(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("container_image"):
            return
        without = [
            connection.name
            for connection in cleaned.get("connections", ())
            if not registry.containers(connection)
        ]
        if without:
            message = gettext(
                "Runners of {without} start no container that a pool names. Leave it empty."
            ).format(without=", ".join(without))
            self.add_error("container_image", message)

    def _check_reuse(self, cleaned: dict[str, Any]) -> None:
        """A reboot must make unreadable what the job before has left."""
        if {"protection", "reuse"} & set(self.errors) or cleaned["reuse"] == Reuse.NEVER:
            return
        if cleaned["protection"] not in trust.UNREADABLE:
            message = gettext(
                "What the job before has left stays readable on a plain disk: choose encrypted or in memory."
            )
            self.add_error("reuse", message)
        elif not reboots_clean():
            self.add_error(
                "reuse", gettext("VMs of this grid can write what they start from: choose no other.")
            )

    def _check_sizes(self, sizes: list[str], cleaned: dict[str, Any]) -> None:
        """Default and VMs kept ready must be within the largest size, and those at any hour within the maximum."""
        largest = labels.SizeLimits.over(map(labels.Size.parse, sizes))
        fallback = labels.Size.parse(sizes[0])
        kept, hours = cleaned.get("min_vms", {}), cleaned.get("schedule", [])
        named = {
            "default_size": [cleaned.get("default_size", sizes[0])],
            "min_vms": kept,
            "schedule": [row["size"] for row in hours],
        }
        for field, words in named.items():
            for word in dict.fromkeys(words):
                answer = labels.read([word], (), settings.ANCHOR, fallback, largest)
                if isinstance(answer, LabelReason):
                    self.add_error(
                        field, gettext("“{word}” can't be served: {answer}.").format(word=word, answer=answer)
                    )
        if "min_vms" not in self.errors:
            self._check_minimum(kept, cleaned.get("max_vms"))
        sound = not {"min_vms", "schedule", "max_vms"} & set(self.errors)
        if sound and (message := peak_fault(kept, hours, cleaned["max_vms"])):
            self.add_error("schedule", message)

    def _check_caps(self, cleaned: dict[str, Any]) -> None:
        """The operator's limits. A larger number from before may stay: placement and the job's time hold it."""
        caps = limits.caps(self.instance.team_id)
        limited = {
            "max_vms": (
                caps.max_vms,
                gettext(
                    "The operator limits this team to {most} VMs. Enter {most} or less, or ask the operator to raise "
                    "the limit."
                ),
            ),
            "max_job_minutes": (
                caps.max_job_minutes,
                gettext(
                    "The operator limits this team to {most} minutes for a job. Enter {most} or less, or ask the "
                    "operator to raise the limit."
                ),
            ),
        }
        for field, (most, text) in limited.items():
            value = cleaned.get(field, 0)
            if value > most and (self.instance.pk is None or field in self.changed_data):
                self.add_error(field, text.format(most=most))

    def _check_minimum(self, kept: dict[str, int], most: int | None) -> None:
        if len(set(map(labels.Size.parse, kept))) < len(kept):
            self.add_error("min_vms", gettext("Two entries name the same size: keep one."))
        if most is not None and sum(kept.values()) > most:
            message = gettext("{kept} VMs kept ready are more than the maximum of {most}.").format(
                kept=sum(kept.values()), most=most
            )
            self.add_error("min_vms", message)

    def _check_repositories(self, repositories: list[str], connections: QuerySet[Connection]) -> None:
        linked = {connection.name.lower() for connection in connections}
        for name in repositories:
            if linked.isdisjoint({name.lower(), name.partition("/")[0].lower()}):
                self.add_error(
                    "repositories",
                    gettext("{name} belongs to none of the selected connections.").format(name=name),
                )

    def _check_nodes(self, cleaned: dict[str, Any]) -> None:
        """A choice must hold as many nodes as the VMs are to be spread over."""
        least = cleaned.get("min_distinct_nodes", 1)
        if least == 1 and not self.instance.nodes:
            return
        named = Q(node_id__in=cleaned["node_ids"]) | Q(farm__farm_id__in=cleaned["farms"])
        named |= Q(country__in=cleaned["countries"]) | Q(region__in=cleaned["regions"])
        any_of = named if any(cleaned[field] for field in self.NODES) else Q()
        certified = Q(certified=True) if cleaned["certified"] else Q()
        there = Node.objects.filter(any_of, certified, network=network()).count()
        chosen = next((field for field in (*self.NODES, "certified") if cleaned[field]), None)
        if chosen and not there:
            message = gettext("No node of the grid matches. Choose other nodes, or remove a condition.")
            self.add_error(chosen, message)
        elif there < least:
            text = ngettext(
                "Only {count} node of the grid matches your selection. Enter {count} or less, or select more nodes.",
                "Only {count} nodes of the grid match your selection. Enter {count} or less, or select more nodes.",
                there,
            )
            self.add_error("min_distinct_nodes", text.format(count=there))
