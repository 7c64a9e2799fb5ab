"""What the agent of a VM for jobs is to carry out: the runner that a forge registered, and what it reports of it."""

from datetime import datetime
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Greatest

from runners.models import VM, Runner
from tfci.core.optional import present
from tfci.forges import registry

GRACE = 30  # seconds that a job gets to end
USED = {  # what an order used -> the column of its runner, in which units, and how much that holds
    "cpu_mean": ("mean_cpu", 1000, 1000),
    "cpu_peak": ("peak_cpu", 1000, 1000),
    "memory_peak": ("peak_memory", 1, 2**31 - 1),
    "disk_peak": ("peak_disk", 1, 2**31 - 1),
    "received": ("received", 1, 2**53),
    "sent": ("sent", 1, 2**53),
}


def ready(vm_id: int, now: datetime) -> Runner | None:
    """Return the runner whose credential this VM is to carry out, handed over from now on; the same one until its
    engine has started."""
    waiting = Runner.objects.filter(vm_id=vm_id, deregistered_at=None, started_at=None).exclude(
        registered_at=None
    )
    runner = waiting.filter(credential__isnull=False).select_related("connection", "vm__pool").first()
    if runner and runner.handed_over_at is None:
        Runner.objects.filter(pk=runner.pk, handed_over_at=None).update(handed_over_at=now)
    return runner


def order(vm: VM, now: datetime) -> dict[str, Any] | None:
    """Return the agent's next order (docs/design/agent-protocol.md); None while there is none."""
    runner = ready(vm.pk, now)
    return _as_order(runner) if runner else None


def started(vm: VM, runner_id: int, at: datetime) -> None:
    """Note that the engine was exec'd: its credential is needed nowhere else any more. Never before it was handed
    over, whatever the VM's clock says."""
    began = Greatest(F("handed_over_at"), Value(at))
    Runner.objects.filter(pk=runner_id, vm=vm, started_at=None).update(started_at=began, credential=None)


def ended(vm: VM, report: dict[str, Any], now: datetime) -> bool:
    """Note that the engine ended. The forge decides whether the job succeeded. A second report changes nothing:
    False."""
    facts = {
        "done_at": now,
        "done_cause": report["cause"],
        "done_said": report["said"] or report["cause"],
        "exit_code": report["exit_code"],
        **{USED[name][0]: _bounded(number, *USED[name][1:]) for name, number in report["used"].items()},
    }
    return bool(Runner.objects.filter(pk=report["order"], vm=vm, done_at=None).update(**facts))


def abandoned(vm: VM, cause: str, message: str, now: datetime) -> bool:
    """Note that the agent is gone, and with it the engine's watch: whatever its runner did has ended. False if nothing
    ran."""
    facts = {"done_at": now, "done_cause": cause, "done_said": message}
    return bool(Runner.objects.filter(vm=vm, deregistered_at=None, done_at=None).update(**facts))


def _as_order(runner: Runner) -> dict[str, Any]:
    """As the agent takes it; the credential leaves us here, once, to the VM that it is for."""
    pool, credential = present(runner.vm.pool), present(runner.credential)
    engine_order = registry.order(runner.connection, credential, runner.labels, pool.container_image)
    return {
        "id": runner.pk,
        "engine": engine_order.engine,
        "files": {name: content.reveal() for name, content in engine_order.files.items()},
        "environment": {name: value.reveal() for name, value in engine_order.environment.items()},
        "arguments": list(engine_order.arguments),
        "authority": engine_order.authority,
        "labels": runner.labels,
        "time_limit_s": 60 * pool.job_minutes,
        "grace_s": GRACE,
    }


def _bounded(number: float, unit: int, limit: int) -> int:
    return round(min(max(number * unit, 0), limit))
