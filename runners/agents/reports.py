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


class UnknownAgent(Exception):
    """Not a VM that we know, or not its key."""


class VmEnding(Exception):
    """We know the VM; it is to end."""


def claim(claim: Claim, address: str | None, now: datetime) -> None:
    """The key is the VM's from here on. The same key again is a lost answer; another is refused, unless the
    VM is rebooting because we ordered it to. `address` is where the claim comes from."""
    vm = VM.objects.filter(pk=claim.vm).first()
    if vm is None or not vault.derived(claim.token, "boot", claim.vm) or not claim.key:
        raise UnknownAgent
    if vm.state in ENDED:
        raise VmEnding
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
    if claim.killed or not _is_reboot_claim(vm, address, facts, now):
        _refuse(vm, claim, now)
        raise UnknownAgent


@transaction.atomic
def _refuse(vm: VM, claim: Claim, now: datetime) -> None:
    """Record it once: whoever is in the VM can claim a thousand times a second."""
    reason: VmReason = AgentSignaled(claim.killed) if claim.killed else SecondClaim()
    ended = claim.killed and kind(vm).work.abandoned(vm, EndCode.AGENT_KILLED, str(reason), now)
    if ended:
        VM.objects.filter(pk=vm.pk).update(next_step_at=now)
    first = VM.objects.filter(pk=vm.pk, claim_refused_at=None).update(claim_refused_at=now)
    if first or ended:
        engine.record_event(vm, reason, now)


@transaction.atomic
def _is_reboot_claim(vm: VM, address: str | None, facts: dict[str, Any], now: datetime) -> bool:
    """Whether this claim is the one of its reboot. What was reported before it stays with the job that ran then."""
    if not reuse.accept_claim(vm, address, now):
        return False
    VM.objects.filter(pk=vm.pk).update(tail="", phase="", claim_refused_at=None, **facts)
    return True


def authenticate(vm_id: int, key: str) -> VM:
    """Return the VM that this key belongs to. Raises UnknownAgent, or VmEnding once it is to end."""
    vm = VM.objects.filter(pk=vm_id).first()
    if vm is None or not vm.agent_digest or not vault.same(vm.agent_digest, vault.digest(key)):
        raise UnknownAgent
    if vm.state in ENDED:
        raise VmEnding
    return vm


def order(vm: VM, now: datetime) -> dict[str, Any] | None:
    """What the agent is to do next: carry out an order, the same until it has started it, or reboot. None while there
    is nothing. Raises VmEnding once the VM is to end."""
    if VM.objects.filter(pk=vm.pk, state__in=ENDED).exists():
        raise VmEnding
    return kind(vm).work.order(vm, now) or ({"refresh": True} if reuse.is_reboot_due(vm.pk) else None)


def started(vm: VM, number: int, at: datetime) -> None:
    """Its order is being carried out."""
    kind(vm).work.started(vm, number, at)


def heartbeat(vm: VM, report: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Store one heartbeat: the VM's load, new output, and the result of debug access. Returns what the VM is to
    do: end its engine, open debug access."""
    facts = {"last_heartbeat_at": now, "phase": report["phase"]}
    if report["tail"]:
        facts["tail"] = _extended_tail(report["tail"])
    if report["boot"]:
        facts["boot_log"] = report["boot"]
    VM.objects.filter(pk=vm.pk).update(**facts)
    metrics.store(vm, report, now)
    if report["answers"] and runs.record_answer(vm, now):
        VM.objects.filter(pk=vm.pk).update(next_step_at=now)
    if debug_report := report["debug"]:
        debug_access.record_answer(vm, debug_report, now)
    order = debug_access.order(vm, now)
    return {"stop": vm.state == VM.State.KEPT} | ({"debug": order} if order else {})


@transaction.atomic
def done(vm: VM, report: dict[str, Any], now: datetime) -> None:
    """Its order ended. A second report changes nothing."""
    if kind(vm).work.ended(vm, report, now):
        VM.objects.filter(pk=vm.pk).update(
            tail=_extended_tail(report["tail"]), last_heartbeat_at=now, next_step_at=now
        )


def _extended_tail(text: str) -> Right:
    """The stored tail and the new output, cut to the last TAIL characters."""
    return Right(Concat(F("tail"), Value(text)), TAIL)
