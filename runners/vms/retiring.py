"""Retire a machine because somebody says so: the wish, with its audit entry. Never from under a job."""

from datetime import datetime
from typing import Any

from django.db import transaction

from runners.models import VM
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action


class InUse(Exception):
    """A job runs on it, or it is a server's; str() says what to do."""


@transaction.atomic
def retire(vm: VM, who: Any, now: datetime) -> bool:
    """Wish for its end; lifecycle sees to it on the next step, which is due at once. False when it is going already.
    Raises InUse."""
    if vm.server_id:
        raise InUse(f"{vm} is the machine of the server {vm.server}. Delete the server, and it goes.")
    row = VM.objects.filter(pk=vm.pk)
    idle = row.filter(retire_why="").exclude(state__in=[VM.State.BUSY, VM.State.REMOVING, VM.State.GONE])
    if idle.update(retire_why=f"{who} retired it", next_step_at=now):
        audit.record(vm.team, who, Action.VM_RETIRED, vm, at=now)
        return True
    if row.filter(state=VM.State.BUSY).exists():
        raise InUse(
            f"{vm} runs a job. It goes by itself when the job is over; cancel the job at its forge to end it now."
        )
    return False
