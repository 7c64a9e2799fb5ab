"""How loaded VMs were: a heartbeat's samples packed into one row, and back into a line that a page can draw."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import fmean
from struct import Struct
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from runners.models import VM, Load

# Half floats, three digits each: a day of 10,000 jobs of ten minutes stays below 200 MB
# (tests/runners/vms/test_metrics.py).
# Seconds ago, cpu and steal as shares, memory and disk in GiB, received and sent in MiB a second.
PACKED = Struct("<7e")
UNITS = (1, 1, 1, 1024, 1024, 1024, 1024)  # of what agents report (MiB, KiB a second) to what is packed
MAX_HALF_FLOAT = 65504  # that a half float holds
FINE = timedelta(minutes=10)  # of a job: a sample each second
COARSE = 5  # seconds between two samples after that
LATE = timedelta(minutes=15)  # that samples may come after they were taken, for an end to be drawn
POINTS = 180  # of a line
MIN_INTERVAL = timedelta(
    seconds=1
)  # between two heartbeats that are kept: whoever has a VM's key may send many
MAX_SAMPLES = (
    12  # samples of a heartbeat that are kept: no agent of ours sends more (docs/design/agent-protocol.md)
)
ROWS = 2000  # that a line is made of: five hours of heartbeats
RECENT = timedelta(minutes=30)  # before a VM's last heartbeat

Sample = dict[str, Any]  # at; cpu, steal in thousandths; memory, disk in MiB; received, sent in KiB a second


def store(vm: VM, report: dict[str, Any], now: datetime) -> None:
    """One heartbeat's samples, as the agent reported them: the newest, and none of one that comes too soon."""
    too_soon = vm.loads.filter(at__gt=now - MIN_INTERVAL, at__lte=now)
    if report["samples"] and not too_soon.exists():
        packed = b"".join(map(_pack, report["samples"][-MAX_SAMPLES:]))
        Load.objects.create(vm=vm, at=now, load=report["load"], oom_kills=report["oom_kills"], samples=packed)


def sampling_interval(vm: VM, now: datetime) -> int:
    """Seconds between two samples of a VM while its job runs: the longer it runs, the more."""
    return 1 if now - vm.state_changed_at < FINE else COARSE


def between(vm: VM, since: datetime, until: datetime) -> list[Sample]:
    """Its samples in this time, oldest first; neighbours as one where there are more than POINTS."""
    rows = vm.loads.filter(at__gte=since, at__lte=until + LATE)
    return thin([sample for sample in samples(_spread(rows, ROWS)) if since <= sample["at"] <= until], POINTS)


def _spread(rows: QuerySet[Load], limit: int) -> QuerySet[Load]:
    """At most so many, oldest first: all, or each second, third and so on. One query."""
    counted = rows.annotate(total=Window(Count("*")), number=Window(RowNumber(), order_by="at"))
    every_nth = counted.annotate(rest=F("number") % ((F("total") - 1) / limit + 1))
    return every_nth.filter(rest=0).order_by("at")


def latest(vm: VM, count: int) -> list[Load]:
    """The loads of its last so many heartbeats, oldest first."""
    return list(vm.loads.order_by("-at")[:count])[::-1]


def samples(rows: Iterable[Load]) -> list[Sample]:
    """All samples of these heartbeats."""
    return [sample for row in rows for sample in _unpack(row.at, row.samples)]


def means(since: Mapping[int, datetime]) -> dict[int, tuple[float, float]]:
    """Of each VM from its moment on: processors in use and taken by others, in thousandths. One query."""
    if not since:
        return {}
    rows = Load.objects.filter(vm__in=since, at__gte=min(since.values()))
    found: dict[int, list[tuple[int, int]]] = {}
    for vm, at, packed in rows.values_list("vm", "at", "samples"):
        new = [(one["cpu"], one["steal"]) for one in _unpack(at, packed) if one["at"] >= since[vm]]
        if new:
            found.setdefault(vm, []).extend(new)
    return {
        vm: (fmean(cpu for cpu, _ in shares), fmean(steal for _, steal in shares))
        for vm, shares in found.items()
    }


def stolen(vms: QuerySet[VM]) -> dict[int, float]:
    """By node: the mean of what others took from these VMs, in thousandths, by the last half hour of each."""
    found: dict[int, list[float]] = {}
    rows = Load.objects.filter(vm__in=vms, at__gte=F("vm__last_heartbeat_at") - RECENT)
    for node, packed in rows.values_list("vm__node", "samples"):
        found.setdefault(node, []).extend(steal for _, _, steal, *_ in PACKED.iter_unpack(packed))
    return {node: 1000 * fmean(shares) for node, shares in found.items()}


def thin(samples: Sequence[Sample], limit: int) -> list[Sample]:
    """At most so many: of neighbours the mean of shares and rates, the larger of what was in use."""
    size = -(-len(samples) // limit) or 1
    return [_merge(samples[n : n + size]) for n in range(0, len(samples), size)]


def delete_before(before: datetime) -> int:
    """Delete older rows. Returns how many."""
    return Load.objects.filter(at__lt=before)._raw_delete(Load.objects.db)


def _pack(sample: Sequence[float]) -> bytes:
    return PACKED.pack(
        *(min(max(number / unit, 0), MAX_HALF_FLOAT) for number, unit in zip(sample, UNITS, strict=True))
    )


def _unpack(at: datetime, packed: bytes | memoryview) -> Iterable[Sample]:
    for numbers in PACKED.iter_unpack(packed):
        ago, cpu, steal, *rest = (number * unit for number, unit in zip(numbers, UNITS, strict=True))
        memory, disk, received, sent = map(round, rest)
        yield {
            "at": at - timedelta(seconds=ago),
            "cpu": round(1000 * cpu),
            "steal": round(1000 * steal),
            "memory": memory,
            "disk": disk,
            "received": received,
            "sent": sent,
        }


def _merge(samples: Sequence[Sample]) -> Sample:
    averaged = ("cpu", "steal", "received", "sent")
    means = {name: round(fmean(sample[name] for sample in samples)) for name in averaged}
    peaks = {name: max(sample[name] for sample in samples) for name in ("memory", "disk")}
    return {"at": samples[-1]["at"], **means, **peaks}
