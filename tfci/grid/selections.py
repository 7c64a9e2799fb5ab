"""Searches of the node finder that a team saves under a name."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from tfci.accounts import audit
from tfci.accounts.audit import Actor
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team
from tfci.grid.models import NodeSelection

MAX_SELECTIONS = 50


class TooManySelections(Exception):
    """The team has saved the maximum; the text says so."""


@transaction.atomic
def save(team: Team, name: str, query: str, who: Actor, now: datetime) -> NodeSelection:
    """Create it, or replace the one of that name. Raises TooManySelections."""
    saved = NodeSelection.objects.of(team)
    before = saved.filter(name=name).first()
    if before is None and saved.count() >= MAX_SELECTIONS:
        raise TooManySelections(
            gettext("A team can save up to {most} searches. Delete one first.").format(most=MAX_SELECTIONS)
        )
    made, _ = saved.update_or_create(team=team, name=name, defaults={"query": query})
    old_query = {"query": before.query} if before else None
    action = Action.SEARCH_CHANGED if before else Action.SEARCH_SAVED
    audit.record(team, who, action, name, at=now, before=old_query, after={"query": query})
    return made


@transaction.atomic
def delete(selection: NodeSelection, who: Actor, now: datetime) -> None:
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
