"""Nodes that a team drains: since when, and by whom."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from tfci.accounts import audit
from tfci.accounts.audit import Actor
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team
from tfci.grid.models import Drain, Node


@transaction.atomic
def begin(node: Node, team: Team, who: Actor, now: datetime) -> bool:
    """Nothing of the team's starts there from now on. False where it was so before."""
    made, fresh = Drain.objects.get_or_create(
        team=team, node=node, defaults={"began_at": now, "by": str(who)[:200]}
    )
    if fresh:
        audit.record(team, who, Action.DRAIN_STARTED, node, at=now, after={"node": node.node_id})
    return fresh


@transaction.atomic
def end(node: Node, team: Team, who: Actor, now: datetime) -> bool:
    """The team uses it again. False where it was not drained."""
    gone, _ = Drain.objects.of(team).filter(node=node).delete()
    if gone:
        audit.record(team, who, Action.DRAIN_ENDED, node, at=now, before={"node": node.node_id}, after=None)
    return bool(gone)


def nodes_by_team(teams: Collection[int]) -> dict[int, frozenset[int]]:
    """By team: the row ids of the nodes that it drains. One query."""
    found = defaultdict(set)
    for team_id, node_id in Drain.objects.filter(team__in=teams).values_list("team_id", "node_id"):
        found[team_id].add(node_id)
    return defaultdict(frozenset, {team: frozenset(nodes) for team, nodes in found.items()})


def drains(team_id: int | None, node_id: int | None) -> bool:
    """Whether that team drains that node."""
    return Drain.objects.filter(team=team_id, node=node_id).exists()
