"""What a team that has just begun may do next: a few things that make its jobs faster, or bring more of them here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django.urls import reverse
from django.utils.translation import gettext

from tfci.accounts.access import may
from tfci.accounts.models import Team
from tfci.forges import registry
from tfci.forges.models import Connection
from tfci.forges.ports.forge import KeepsFiles

MAX_STEPS = 3


@dataclass(frozen=True, slots=True)
class Begun:
    """What a team has already. Of a pool its key, and whether it keeps VMs ready."""

    connections: Sequence[Connection]
    pools: Sequence[tuple[int, bool]]
    members: int


@dataclass(frozen=True, slots=True)
class NextStep:
    """`drawing`: its icon; one does it by `verb` at `href`."""

    drawing: str
    title: str
    text: str
    href: str
    verb: str


def find(team: Team, role: str | None, begun: Begun) -> list[NextStep]:
    """Those that are open and that the role may take."""
    return list(islice(_open(team, role, begun), MAX_STEPS))


def _open(team: Team, role: str | None, begun: Begun) -> Iterator[NextStep]:
    alive = [connection for connection in begun.connections if connection.alive]
    if not alive and may(role, "connections.change"):
        yield NextStep(
            "plug",
            gettext("Connect a forge"),
            gettext("Jobs appear here once Farmhand can see the queue of your forge."),
            reverse("connection_new", args=[team.slug]),
            gettext("Connect forge"),
        )
    kept = next((one for one in alive if registry.kind(one.forge).implements(KeepsFiles)), None)
    if kept and begun.pools and may(role, "connections.change"):
        yield NextStep(
            "git-pull-request",
            gettext("Move your workflows"),
            gettext("See which lines of your workflows to change so that their jobs run here."),
            reverse("connection_migrate", args=[team.slug, kept.pk]),
            gettext("Show changes"),
        )
    if begun.pools and not any(keeps for _pk, keeps in begun.pools) and may(role, "pools.change"):
        yield NextStep(
            "bolt",
            gettext("Start jobs faster"),
            gettext("A VM that is kept ready takes a job within seconds. It costs TFT while it is idle."),
            reverse("pool_edit", args=[team.slug, begun.pools[0][0]]),
            gettext("Edit pool"),
        )
    if begun.members == 1 and may(role, "members.change"):
        yield NextStep(
            "user-plus",
            gettext("Invite your colleagues"),
            gettext("Members see the jobs of all connections, their logs and their cost."),
            reverse("invite", args=[team.slug]),
            gettext("Invite member"),
        )
    yield NextStep(
        "tags",
        gettext("Choose a VM size by label"),
        gettext("The labels of a job set its CPUs, memory and disk, and whether it may share a VM."),
        reverse("labels"),
        gettext("View labels"),
    )
