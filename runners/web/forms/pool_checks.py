"""What the fields of a pool's form must be together: on a page while somebody fills it in, and from scripts."""

from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext, ngettext

from billing import limits
from runners.jobs import labels
from runners.models import Pool, Reuse
from runners.reasons.labels import LabelReason
from runners.vms import trust
from runners.web.forms.choice import NodesForm
from runners.web.forms.schedule import peak_fault
from tfci.forges import registry
from tfci.forges.models import Connection
from tfci.grid.models import Node
from tfci.grid.registry import network, reboots_clean


class PoolChecks(NodesForm):
    """`instance` gets the choice of nodes, where that makes sense."""

    RULE = (*NodesForm.RULE, "pack")
    instance: Pool

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
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
