"""What agents report of their VMs: claims, heartbeats and ends become facts, samples and tails."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Right

from runners import engine
from runners.agents.schemas import TAIL, Claim
from runners.models import VM
from runners.reasons.ends import EndCode
from runners.reasons.vm_notes import AgentSignaled, SecondClaim
from runners.reasons.vms import VmReason
from runners.servers import runs
from runners.vm_kinds import kind
from runners.vms import debug_access, images, metrics, reuse
from tfci.core import vault

INTERVAL = 10  # seconds between two heartbeats
ENDED = (VM.State.REMOVING, VM.State.GONE)


class Stranger(Exception):
    """Not a VM that we know, or not its key."""


class NotWanted(Exception):
    """We know the VM; it is to end."""


def claim(claim: Claim, address: str | None, now: datetime) -> None:
    """The key is the VM's from here on. The same key again is a lost answer; another is refused, unless the
    VM reboots just now because we said so. `address` is where the claim comes from."""
    vm = VM.objects.filter(pk=claim.vm).first()
    if vm is None or not vault.derived(claim.token, "boot", claim.vm) or not claim.key:
        raise Stranger
    if vm.state in ENDED:
        raise NotWanted
    digest = vault.digest(claim.key)
    facts = {
        "agent_digest": digest,
        "engines": claim.engines,
        "image": images.read(claim.image),
        "last_heartbeat_at": now,
        "next_step_at": now,
    }
    first = VM.objects.filter(pk=vm.pk, claimed_at=None)
    if first.update(claimed_at=now, agent_address=address, **facts):
        return
    vm.refresh_from_db()
    if vault.same(vm.agent_digest, digest):
        return
    if claim.killed or not _came_back(vm, address, facts, now):
        _refuse(vm, claim, now)
        raise Stranger


@transaction.atomic
def _refuse(vm: VM, claim: Claim, now: datetime) -> None:
    """Tell of it once: whoever is in the VM can claim a thousand times a second."""
    reason: VmReason = AgentSignaled(claim.killed) if claim.killed else SecondClaim()
    ended = claim.killed and kind(vm).work.abandoned(vm, EndCode.AGENT_KILLED, str(reason), now)
    if ended:
        VM.objects.filter(pk=vm.pk).update(next_step_at=now)
    first = VM.objects.filter(pk=vm.pk, claim_refused_at=None).update(claim_refused_at=now)
    if first or ended:
        engine.record_event(vm, reason, now)


@transaction.atomic
def _came_back(vm: VM, address: str | None, facts: dict[str, Any], now: datetime) -> bool:
    """Whether this claim is the one of its reboot. What was said before it stays with the job that it was said of."""
    if not reuse.come_back(vm, address, now):
        return False
    VM.objects.filter(pk=vm.pk).update(tail="", phase="", claim_refused_at=None, **facts)
    return True


def known(vm_id: int, key: str) -> VM:
    """The VM that speaks. Raises Stranger, or NotWanted once it is to end."""
    vm = VM.objects.filter(pk=vm_id).first()
    if vm is None or not vm.agent_digest or not vault.same(vm.agent_digest, vault.digest(key)):
        raise Stranger
    if vm.state in ENDED:
        raise NotWanted
    return vm


def order(vm: VM, now: datetime) -> dict[str, Any] | None:
    """What the agent is to do next: carry out an order, the same until it has started it, or reboot. None while there
    is nothing. Raises NotWanted once the VM is to end."""
    if VM.objects.filter(pk=vm.pk, state__in=ENDED).exists():
        raise NotWanted
    return kind(vm).work.order(vm, now) or ({"refresh": True} if reuse.awaited(vm.pk) else None)


def started(vm: VM, number: int, at: datetime) -> None:
    """Its order is being carried out."""
    kind(vm).work.started(vm, number, at)


def beat(vm: VM, said: dict[str, Any], now: datetime) -> dict[str, Any]:
    """One heartbeat: the VM's load, what is new of its tail, and what came of debug access. Returns what it is to
    do: end its engine, open debug access."""
    facts = {"last_heartbeat_at": now, "phase": said["phase"]}
    if said["tail"]:
        facts["tail"] = _longer(said["tail"])
    if said["boot"]:
        facts["boot_log"] = said["boot"]
    VM.objects.filter(pk=vm.pk).update(**facts)
    metrics.store(vm, said, now)
    if said["answers"] and runs.answered(vm, now):
        VM.objects.filter(pk=vm.pk).update(next_step_at=now)
    if news := said["debug"]:
        debug_access.answered(vm, news, now)
    order = debug_access.order(vm, now)
    return {"stop": vm.state == VM.State.KEPT} | ({"debug": order} if order else {})


@transaction.atomic
def done(vm: VM, said: dict[str, Any], now: datetime) -> None:
    """Its order ended. Said again it changes nothing."""
    if kind(vm).work.ended(vm, said, now):
        VM.objects.filter(pk=vm.pk).update(
            tail=_longer(said["tail"]), last_heartbeat_at=now, next_step_at=now
        )


def _longer(text: str) -> Right:
    """A tail with what is new of it, the end of both."""
    return Right(Concat(F("tail"), Value(text)), TAIL)
