"""What agents say of their machines: claims, heartbeats and ends become facts, samples and tails."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Greatest, Right

from runners import engine
from runners.models import VM, Runner
from runners.vms import debug_access, images, metrics, reuse, runs
from runners.vms.agent_schemas import TAIL, Claim
from tfci.core import vault

INTERVAL = 10  # seconds between two heartbeats
CHANNEL = "agents"
AGENT_KILLED = "agent_killed"  # the cause of an end that only the machine's next agent could tell
USED = {  # what an order used -> the column of its runner, in which units, and how much that holds
    "cpu_mean": ("mean_cpu", 1000, 1000),
    "cpu_peak": ("peak_cpu", 1000, 1000),
    "memory_peak": ("peak_memory", 1, 2**31 - 1),
    "disk_peak": ("peak_disk", 1, 2**31 - 1),
    "received": ("received", 1, 2**53),
    "sent": ("sent", 1, 2**53),
}
ENDED = (VM.State.REMOVING, VM.State.GONE)


class Stranger(Exception):
    """Not a machine that we know, or not its key."""


class NotWanted(Exception):
    """We know the machine; it is to end."""


def claim(claim: Claim, address: str | None, now: datetime) -> None:
    """The key is the machine's from here on. The same key again is a lost answer; another is refused, unless the
    machine reboots just now because we said so. `address` is where the claim comes from."""
    vm = VM.objects.filter(pk=claim.vm).first()
    if vm is None or not vault.derived(claim.token, "boot", claim.vm) or not claim.key:
        raise Stranger
    if vm.state in ENDED:
        raise NotWanted
    digest = vault.digest(claim.key)
    facts = {"agent_digest": digest, "engines": claim.engines, "image": images.read(claim.image)}
    facts |= {"beat_at": now, "next_step_at": now}
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
    """Tell of it once: whoever is in the machine can claim a thousand times a second."""
    said = "a second claim with another key was refused"
    ended = False
    if claim.killed:
        said = f"Signal {claim.killed} ended Farmhand’s agent in the machine."
        ended = _mourn(vm, said, now)
    first = VM.objects.filter(pk=vm.pk, claim_refused_at=None).update(claim_refused_at=now)
    if first or ended:
        engine.tell(vm, said, now)


def _mourn(vm: VM, said: str, now: datetime) -> bool:
    """Its agent is gone, and with it the engine's watch: whatever its runner did has ended. False if nothing ran."""
    facts = {"done_at": now, "done_cause": AGENT_KILLED, "done_said": said}
    ended = vm.server_id and runs.mourn(vm, AGENT_KILLED, said, now)
    ended = Runner.objects.filter(vm=vm, forgotten_at=None, done_at=None).update(**facts) or ended
    if ended:
        VM.objects.filter(pk=vm.pk).update(next_step_at=now)
    return bool(ended)


@transaction.atomic
def _came_back(vm: VM, address: str | None, facts: dict[str, Any], now: datetime) -> bool:
    """Whether this claim is the one of its reboot. What was said before it stays with the job that it was said of."""
    if not reuse.come_back(vm, address, now):
        return False
    VM.objects.filter(pk=vm.pk).update(tail="", phase="", claim_refused_at=None, **facts)
    return True


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


def started(vm: VM, runner_id: int, at: datetime) -> None:
    """The engine was exec'd: its credential is needed nowhere else any more. Never before it was handed over,
    whatever the machine's clock made of it."""
    if vm.server_id:
        return runs.started(vm, runner_id, at)
    began = Greatest(F("handed_at"), Value(at))
    Runner.objects.filter(pk=runner_id, vm=vm, started_at=None).update(started_at=began, credential=None)


def beat(vm: VM, said: dict[str, Any], now: datetime) -> dict[str, Any]:
    """One heartbeat: the machine's load, what is new of its tail, and what came of debug access. Returns what it is to
    do: end its engine, open debug access."""
    facts = {"beat_at": now, "phase": said["phase"]}
    if said["tail"]:
        facts["tail"] = _longer(said["tail"])
    if said["boot"]:
        facts["boot_log"] = said["boot"]
    VM.objects.filter(pk=vm.pk).update(**facts)
    metrics.keep(vm, said, now)
    if said["answers"] and runs.answered(vm, now):
        VM.objects.filter(pk=vm.pk).update(next_step_at=now)
    if news := said["debug"]:
        debug_access.answered(vm, news, now)
    order = debug_access.order(vm, now)
    return {"stop": vm.state == VM.State.KEPT} | ({"debug": order} if order else {})


@transaction.atomic
def done(vm: VM, said: dict[str, Any], now: datetime) -> None:
    """The runner's engine ended. Whether the job succeeded is the forge's to say. Said again it changes nothing."""
    note = runs.done if vm.server_id else _done
    if note(vm, said, now):
        VM.objects.filter(pk=vm.pk).update(tail=_longer(said["tail"]), beat_at=now, next_step_at=now)


def _done(vm: VM, said: dict[str, Any], now: datetime) -> bool:
    facts = {
        "done_at": now,
        "done_cause": said["cause"],
        "done_said": said["said"] or said["cause"],
        "exit_code": said["exit_code"],
        **{USED[name][0]: _bounded(number, *USED[name][1:]) for name, number in said["used"].items()},
    }
    return bool(Runner.objects.filter(pk=said["order"], vm=vm, done_at=None).update(**facts))


def wake(vm_id: int) -> None:
    """Let the process in which this machine's agent waits look for its order at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(vm_id)])


def _longer(text: str) -> Right:
    """A tail with what is new of it, the end of both."""
    return Right(Concat(F("tail"), Value(text)), TAIL)


def _bounded(number: float, unit: int, most: int) -> int:
    return round(min(max(number * unit, 0), most))
