"""Empty a node for one team's pools: nothing new starts there, what stands by is retired, and jobs that run there end
undisturbed."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from runners.models import VM
from runners.models.vm import VMQuerySet
from runners.queue.effects import Effects
from runners.reasons.retirements import NodeDrained
from tfci.accounts.audit import Actor
from tfci.accounts.models import Team
from tfci.grid import drains
from tfci.grid.models import Drain, Node

WITHOUT_A_JOB = (VM.State.WANTED, VM.State.DEPLOYING, VM.State.BOOTING, VM.State.STANDBY, VM.State.ASSIGNED)


@transaction.atomic
def drain(node: Node, team: Team, who: Actor, now: datetime) -> Effects:
    """From now on. Draining twice changes nothing."""
    drains.begin(node, team, who, now)
    return _retire(VM.objects.filter(team=team, node=node), now)


def retire_left(now: datetime) -> Effects:
    """Retire what came there meanwhile, or has ended its job since: for the sweep."""
    drained = Drain.objects.filter(team=OuterRef("team"), node=OuterRef("node"))
    return _retire(VM.objects.filter(Exists(drained)), now)


def _retire(vms: VMQuerySet, now: datetime) -> Effects:
    """One that has a job is retired after it, by a later sweep."""
    effects = Effects()
    for vm in _idle(vms).select_related("node"):
        if _idle(VM.objects.filter(pk=vm.pk)).retire(NodeDrained(str(vm.node)), now):
            effects.vms.add(vm.pk)
    return effects


def _idle(vms: VMQuerySet) -> VMQuerySet:
    return vms.unretired().filter(state__in=WITHOUT_A_JOB).exclude(pool=None)
