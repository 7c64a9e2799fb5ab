"""What agents say of their machines: claims, heartbeats and ends become facts, samples and tails."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Right

from runners import steps
from runners.models import VM, Runner, Sample
from tfci import vault

TAIL = 16 * 1024
INTERVAL = 10  # seconds between two heartbeats
CHANNEL = "agents"
ENDED = (VM.State.REMOVING, VM.State.GONE)


class Stranger(Exception):
    """Not a machine that we know, or not its key."""


class NotWanted(Exception):
    """We know the machine; it is to end."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A machine's first words. `key` is made by its agent in memory; only its digest is kept."""

    vm: int
    token: str
    key: str
    address: str | None
    engines: dict[str, str]


def claim(claim: Claim, now: datetime) -> None:
    """The key is the machine's from here on. The same key again is a lost answer; another is refused."""
    vm = VM.objects.filter(pk=claim.vm).first()
    if vm is None or not vault.derived(claim.token, "boot", claim.vm) or not claim.key:
        raise Stranger
    if vm.state in ENDED:
        raise NotWanted
    digest = vault.digest(claim.key)
    facts = {
        "claimed_at": now,
        "beat_at": now,
        "agent_digest": digest,
        "agent_address": claim.address,
        "engines": claim.engines,
        "next_step_at": now,
    }
    if VM.objects.filter(pk=vm.pk, claimed_at=None).update(**facts):
        return
    if not vault.same(VM.objects.values_list("agent_digest", flat=True).get(pk=vm.pk), digest):
        steps.tell(vm, "a second claim with another key was refused", now)
        raise Stranger


def known(vm_id: int, key: str) -> VM:
    """The machine that speaks. Raises Stranger, or NotWanted once it is to end."""
    vm = VM.objects.filter(pk=vm_id).first()
    if vm is None or not vm.agent_digest or not vault.same(vm.agent_digest, vault.digest(key)):
        raise Stranger
    if vm.state in ENDED:
        raise NotWanted
    return vm


def order(vm_id: int, now: datetime) -> Runner | None:
    """The runner whose credential this machine is to carry out; the same until its engine has started.

    Raises NotWanted once the machine is to end.
    """
    if VM.objects.filter(pk=vm_id, state__in=ENDED).exists():
        raise NotWanted
    ready = Runner.objects.filter(vm_id=vm_id, forgotten_at=None, started_at=None).exclude(registered_at=None)
    runner = ready.filter(credential__isnull=False).select_related("org", "vm__pool").first()
    if runner and runner.handed_at is None:
        Runner.objects.filter(pk=runner.pk, handed_at=None).update(handed_at=now)
    return runner


def started(vm: VM, runner_id: int, now: datetime) -> None:
    """The engine was exec'd: its credential is needed nowhere else any more."""
    Runner.objects.filter(pk=runner_id, vm=vm, started_at=None).update(started_at=now, credential=None)


def beat(vm: VM, said: dict[str, Any], now: datetime) -> None:
    """One heartbeat: the machine's load as a sample, and what is new of its tail."""
    facts = {"beat_at": now, "phase": said["phase"]}
    if said.get("tail"):
        facts["tail"] = Right(Concat(F("tail"), Value(said["tail"].replace("\x00", ""))), TAIL)
    VM.objects.filter(pk=vm.pk).update(**facts)
    Sample.objects.create(
        vm=vm,
        at=now,
        cpu=_thousandths(said["cpu"]),
        steal=_thousandths(said["steal"]),
        memory=round(said["memory"]),
        disk=round(said["disk"] * 1024),
    )


@transaction.atomic
def done(vm: VM, said: dict[str, Any], now: datetime) -> None:
    """The runner's engine ended. Whether the job succeeded is the forge's to say. Said again it changes nothing."""
    facts = {
        "done_at": now,
        "done_cause": said["cause"],
        "done_said": said["said"] or said["cause"],
        "exit_code": said.get("exit_code"),
    }
    if Runner.objects.filter(pk=said["order"], vm=vm, done_at=None).update(**facts):
        tail = Right(Concat(F("tail"), Value((said.get("tail") or "").replace("\x00", ""))), TAIL)
        VM.objects.filter(pk=vm.pk).update(tail=tail, beat_at=now, next_step_at=now)


def wake(vm_id: int) -> None:
    """Let the process in which this machine's agent waits look for its order at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(vm_id)])


def forget_samples(before: datetime) -> int:
    """Samples are kept for a while only."""
    return Sample.objects.filter(at__lt=before)._raw_delete(Sample.objects.db)


def _thousandths(share: float) -> int:
    return min(1000, max(0, round(share * 1000)))
