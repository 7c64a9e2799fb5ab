"""Debug access: one person's way into a VM by SSH, while its job runs and for a while after it.

The request is a row. The VM's agent gets it with its next heartbeat, carries it out and answers. A VM that
somebody was in takes no other job: it is kept past its own as long as access is open, and then it is removed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from runners import engine
from runners.models import VM, DebugAccess
from runners.reasons.refusals import (
    HostKeyUnreadable,
    NoAddress,
    NoJobRuns,
    NoSshKey,
    NothingToEnter,
    OpenAlready,
    RefusalReason,
    SshServerFailed,
    TimeNearlyOver,
)
from runners.reasons.vm_notes import DebugClosed, DebugOpened
from tfci.accounts import access, audit, ssh_keys
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Role, User
from tfci.core import optional
from tfci.core.reasons import columns
from tfci.grid import registry

MINUTES = (15, 30, 60)
MIN_TIME = timedelta(minutes=1)  # less is not worth opening
PORT = 22  # of the SSH server, where nothing is forwarded to it
LONGEST_KEY = optional.present(DebugAccess._meta.get_field("host_key").max_length)
LOGIN = "root"  # who a job is
IN = (VM.State.BUSY, VM.State.KEPT)  # the states of a VM that one can be in
ROLES = [role for role in Role.values if access.may(role, "vms.debug")]


class DebugRefused(Exception):
    """It is not opened; str() is the reason's sentence."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SshAddress:
    """Where a VM's SSH server is. `overlay`: only who is in the Mycelium network gets there."""

    host: str
    port: int
    overlay: bool

    @property
    def command(self) -> str:
        return f"ssh -p {self.port} {LOGIN}@{self.host}"

    def known_host(self, key: str) -> str:
        """The line for ~/.ssh/known_hosts by which ssh knows the VM."""
        return f"{self.host if self.port == PORT else f'[{self.host}]:{self.port}'} {key}"


def address(vm: VM) -> SshAddress | None:
    """From the addresses that the grid gave it; None where there is none."""
    if forwarded := vm.addresses.get("ssh"):
        host, _, port = forwarded.rpartition(":")
        return SshAddress(host, int(port), overlay=False)
    address = vm.addresses.get("mycelium")
    return SshAddress(address, PORT, overlay=True) if address else None


def refusal_reason(vm: VM) -> RefusalReason | None:
    """Why nobody is let into this VM; None where it may be opened, as long as its job has the time."""
    if not registry.isolates():
        return NothingToEnter()
    if vm.state != VM.State.BUSY:
        return NoJobRuns()
    return None if address(vm) else NoAddress()


@transaction.atomic
def begin(vm: VM, user: User, minutes: int, by: audit.Actor, now: datetime) -> DebugAccess:
    """Let this person in for so many minutes, or until the job's time limit. Raises DebugRefused."""
    vm = VM.objects.select_for_update(of=("self",)).select_related("pool", "team").get(pk=vm.pk)
    keys = ssh_keys.texts(user)
    if refusal := refusal_reason(vm):
        raise DebugRefused(refusal)
    until = min(now + timedelta(minutes=minutes), _latest(vm))
    if until - now < MIN_TIME:
        raise DebugRefused(TimeNearlyOver())
    if current := present(vm, now):
        raise DebugRefused(OpenAlready(current.who))
    if not keys:
        raise DebugRefused(NoSshKey(str(user)))
    finish(vm, now)
    created = DebugAccess.objects.create(
        vm=vm, user=user, who=str(user), keys=keys, opened_at=now, closes_at=until
    )
    engine.record_event(vm, DebugOpened(str(user), round((until - now).total_seconds() / 60)), now)
    audit.record(vm.team, by, Action.DEBUG_OPENED, vm, at=now, after={"for": str(user), "minutes": minutes})
    return created


@transaction.atomic
def close(vm: VM, by: audit.Actor, now: datetime) -> bool:
    """End it before its time. False where none is open."""
    opened = present(vm, now)
    if opened is None:
        return False
    finish(vm, now)
    engine.nudge(VM.objects.filter(pk=vm.pk), now)
    engine.record_event(vm, DebugClosed(opened.who), now)
    audit.record(vm.team, by, Action.DEBUG_CLOSED, vm, at=now, before={"for": opened.who})
    return True


def present(vm: VM, now: datetime) -> DebugAccess | None:
    """The one that is open now, to somebody who still may."""
    people = {
        "user__is_active": True,
        "user__memberships__team": vm.team_id,
        "user__memberships__role__in": ROLES,
    }
    return DebugAccess.objects.filter(vm=vm, closed_at=None, closes_at__gt=now, **people).first()


def keep_open(opened: DebugAccess, now: datetime) -> None:
    """Its job is over: from now on the VM is there for this alone."""
    DebugAccess.objects.filter(pk=opened.pk, kept_at=None).update(kept_at=now)


def finish(vm: VM, now: datetime) -> None:
    """None is open any more."""
    DebugAccess.objects.filter(vm=vm, closed_at=None).update(closed_at=now)


def order(vm: VM, now: datetime) -> dict[str, Any] | None:
    """What the agent is to have open now, as docs/design/agent-protocol.md describes it."""
    opened = present(vm, now) if vm.state in IN else None
    if opened is None:
        return None
    left = math.ceil((opened.closes_at - now).total_seconds())
    return {"id": opened.pk, "keys": opened.keys, "seconds": left}


def record_answer(vm: VM, report: Mapping[str, Any], now: datetime) -> None:
    """What the agent made of an order: the SSH server's own key, or why there is none."""
    row = DebugAccess.objects.filter(pk=report["id"], vm=vm, closed_at=None)
    refusal: RefusalReason | None = SshServerFailed(report["said"]) if report["said"] else None
    try:
        row.update(host_key="" if refusal else _host_key(report["host_key"]))
    except ssh_keys.InvalidKey:
        refusal = HostKeyUnreadable()
    if refusal and row.update(**columns(refusal, "refusal"), closed_at=now):
        engine.nudge(VM.objects.filter(pk=vm.pk), now)


def _host_key(line: str) -> str:
    """Raises ssh_keys.InvalidKey."""
    key = ssh_keys.read(line).text
    if len(key) > LONGEST_KEY:
        raise ssh_keys.InvalidKey("An SSH server’s key is shorter.")
    return key


def _latest(vm: VM) -> datetime:
    """The time limit of its job."""
    taken_at = vm.runners.exclude(taken_at=None).order_by("-pk").values_list("taken_at", flat=True).first()
    minutes = vm.pool.job_minutes if vm.pool else 0
    return (taken_at or vm.state_changed_at) + timedelta(minutes=minutes)
