"""Searches of the node finder that a team keeps under a name."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from tfci.accounts import audit
from tfci.accounts.audit import Actor
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team
from tfci.grid.models import NodeSelection

MOST = 50


class TooManySelections(Exception):
    """The team keeps as many as it may; its text says so."""


@transaction.atomic
def save(team: Team, name: str, query: str, who: Actor, now: datetime) -> NodeSelection:
    """Under that name from now on, whatever stood there. Raises TooManySelections."""
    mine = NodeSelection.objects.of(team)
    before = mine.filter(name=name).first()
    if before is None and mine.count() >= MOST:
        raise TooManySelections(
            gettext("A team can save up to {MOST} searches. Delete one first.").format(MOST=MOST)
        )
    made, _ = mine.update_or_create(team=team, name=name, defaults={"query": query})
    was = {"query": before.query} if before else None
    action = Action.SEARCH_CHANGED if before else Action.SEARCH_SAVED
    audit.record(team, who, action, name, at=now, before=was, after={"query": query})
    return made


@transaction.atomic
def forget(selection: NodeSelection, who: Actor, now: datetime) -> None:
    audit.record(
        selection.team,
        who,
        Action.SEARCH_DELETED,
        selection,
        at=now,
        before={"query": selection.query},
        after=None,
    )
    selection.delete()
