"""Retire a VM because somebody asked for it, with its audit entry. Never while it runs a job."""

from datetime import datetime

from django.db import transaction

from runners.models import VM
from runners.reasons.refusals import RefusalReason, VmOfServer, VmRunsJob
from runners.reasons.retirements import RetiredBy
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action


class InUse(Exception):
    """A job runs on it, or it is a server's; str() is the reason's sentence."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@transaction.atomic
def retire(vm: VM, who: audit.Actor, now: datetime) -> bool:
    """Request its end; lifecycle carries it out on the next step, which is due at once. False when it is ending
    already. Raises InUse."""
    if vm.server_id:
        raise InUse(VmOfServer(str(vm), str(vm.server)))
    row = VM.objects.filter(pk=vm.pk)
    idle = row.unretired().exclude(state__in=[VM.State.BUSY, VM.State.REMOVING, VM.State.GONE])
    if idle.retire(RetiredBy(str(who)), now):
        audit.record(vm.team, who, Action.VM_RETIRED, vm, at=now)
        return True
    if row.filter(state=VM.State.BUSY).exists():
        raise InUse(VmRunsJob(str(vm)))
    return False
