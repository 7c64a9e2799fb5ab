"""A team's own twin and the VMs on it: only its words can end these, so it stays as long as one of them does.

Decisions over a team's VMs take turns with these (supply.lock), so that no VM starts on a twin that just went.
"""

from datetime import datetime

from django.db import transaction

from billing import own_twins, wallets
from billing.own_twins import Rejected, Twin
from billing.twin_rules import checks
from billing.twin_rules.reasons import TwinInUse
from runners.models import VM, Pool
from runners.queue.effects import Effects
from runners.vms import supply
from tfci.accounts.audit import Actor
from tfci.accounts.models import Team
from tfci.core.secret import Secret


def enter(team: Team, words: Secret, who: Actor, now: datetime) -> Effects:
    """Check the words, and let the team's new VMs run on their twin. Raises Rejected and GridError."""
    words = checks.normalized(words)
    facts = own_twins.check(team, words)
    with transaction.atomic():
        _take_turn(team, now)
        before = own_twins.of_team(team)
        if before and before.twin_id != facts.twin_id:
            _remove(before, team, who, now)
        own_twins.store(team, words, facts, who, now)
    return _retry_waiting(team)


@transaction.atomic
def use(team: Team, who: Actor, now: datetime) -> Effects:
    """Its twin for new VMs again; nothing without one."""
    _take_turn(team, now)
    if twin := own_twins.of_team(team):
        own_twins.use(twin, team, who, now)
    return _retry_waiting(team)


@transaction.atomic
def stop_using(team: Team, who: Actor, now: datetime) -> Effects:
    """The balance for new VMs again."""
    _take_turn(team, now)
    if twin := own_twins.of_team(team):
        own_twins.stop_using(twin, team, who, now)
    return _retry_waiting(team)


@transaction.atomic
def remove(team: Team, who: Actor, now: datetime) -> None:
    """Forget the words. Raises Rejected while a VM runs on the twin."""
    _take_turn(team, now)
    if twin := own_twins.of_team(team):
        _remove(twin, team, who, now)


def _remove(twin: Twin, team: Team, who: Actor, now: datetime) -> None:
    if reason := blocked(twin):
        raise Rejected([reason])
    own_twins.remove(twin, team, who, now)


def blocked(twin: Twin) -> TwinInUse | None:
    """Why it can't be removed now."""
    vms = VM.objects.filter(own_twin=twin).alive().count()
    return TwinInUse(vms) if vms else None


def _take_turn(team: Team, now: datetime) -> None:
    supply.lock(wallets.for_team(team).pk)


def _retry_waiting(team: Team) -> Effects:
    """Jobs that waited for TFT may start."""
    return Effects(pools=set(Pool.objects.of(team).filter(closed_at=None).values_list("pk", flat=True)))
