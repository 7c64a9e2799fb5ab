"""How hard a pool's VMs work: read once a minute where the pool has a target, and followed by VMs that are
held ready (pools/load_steps.py). What others took of a node's processors is noted with the node."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import TypeAlias, TypeVar

from django.db import transaction

from runners.models import VM, Pool, Pressure
from runners.pools import history, kept_ready, load_steps
from runners.reasons.pools import FewerReady, FewerReadyIdle, MoreReady, PoolReason
from runners.vms import metrics
from tfci.core.optional import present
from tfci.grid import nodes

Key = TypeVar("Key")
Shares: TypeAlias = tuple[float, float]  # of processors: in use, and taken by others

READING = timedelta(minutes=1)  # of jobs, that one reading looks back on


@dataclass(frozen=True, slots=True)
class LoadReading:
    """Means over the VMs of one size that have a job, in thousandths of their processors."""

    vms: int = 0
    cpu: int = 0
    steal: int = 0

    @property
    def used(self) -> int | None:
        """With what others took, which was wanted too."""
        return self.cpu + self.steal if self.vms else None


def due() -> list[int]:
    """The pools to read: those with a target, and those that had one."""
    watched = Pool.objects.filter(closed_at=None, cpu_target__isnull=False)
    left = Pool.objects.filter(pressures__isnull=False, cpu_target=None)
    return list(watched.union(left).values_list("pk", flat=True))


def added(pool: Pool) -> dict[str, int]:
    """Size -> VMs that are held ready beyond the pool's minimum."""
    if pool.cpu_target is None:
        return {}
    return dict(pool.pressures.filter(extra__gt=0).values_list("size", "extra"))


@transaction.atomic
def read(pool_id: int, now: datetime) -> bool:
    """One reading of one pool. Whether it holds more or fewer VMs from now on."""
    pool = Pool.objects.select_for_update(of=("self",)).select_related("team").get(pk=pool_id)
    rows = {row.size: row for row in pool.pressures.order_by("size")}
    if pool.cpu_target is None or pool.closing_at:
        return bool(pool.pressures.all().delete()[0])
    found = _readings(pool, now)
    for size in sorted({*found, *rows}):
        rows[size] = _follow(pool, size, found.get(size, LoadReading()), rows, now)
    return any(row.changed_at == now for row in rows.values())


def _readings(pool: Pool, now: datetime) -> dict[str, LoadReading]:
    """By size; notes what others took on each node."""
    busy = {vm.pk: vm for vm in VM.objects.filter(pool=pool, state=VM.State.BUSY)}
    shares = metrics.means({pk: max(vm.state_changed_at, now - READING) for pk, vm in busy.items()})
    for node, each in _by(shares, lambda pk: present(busy[pk].node_id)):
        nodes.record_steal(node, round(fmean(steal for _, steal in each)), now)
    return {size: _mean(each) for size, each in _by(shares, lambda pk: busy[pk].size)}


def _by(shares: dict[int, Shares], key: Callable[[int], Key]) -> Iterable[tuple[Key, list[Shares]]]:
    found: dict[Key, list[Shares]] = defaultdict(list)
    for pk, share in shares.items():
        found[key(pk)].append(share)
    return found.items()


def _mean(each: list[Shares]) -> LoadReading:
    return LoadReading(len(each), *(round(fmean(part)) for part in zip(*each, strict=True)))


def _follow(pool: Pool, size: str, seen: LoadReading, rows: dict[str, Pressure], now: datetime) -> Pressure:
    """Write it down, and what it changed as a decision of the pool's with its numbers."""
    row = rows.get(size)
    was = (
        load_steps.SizePressure(row.high, row.since, row.extra, row.changed_at, row.read_at) if row else None
    )
    held = sum(kept_ready.numbers(pool, now).values())
    room = pool.max_vms - held - sum(one.extra for one in rows.values())
    duration = timedelta(minutes=pool.cpu_minutes)
    pressure = load_steps.follow(was, seen.used, present(pool.cpu_target), duration, room, now)
    if pressure.changed_at == now:
        history.note(
            pool, _reason(pool, size, seen, pressure, pressure.extra - (was.extra if was else 0)), now
        )
    columns = {name: getattr(pressure, name) for name in load_steps.SizePressure.__dataclass_fields__}
    columns |= {"vms": seen.vms, "cpu": seen.cpu, "steal": seen.steal}
    return Pressure.objects.update_or_create(pool=pool, size=size, defaults=columns)[0]


def _reason(
    pool: Pool, size: str, seen: LoadReading, pressure: load_steps.SizePressure, step: int
) -> PoolReason:
    if seen.used is None:
        return FewerReadyIdle(size, pressure.extra, present(pool.cpu_target))
    kind = MoreReady if step > 0 else FewerReady
    return kind(
        size, pressure.extra, present(pool.cpu_target), pool.cpu_minutes, seen.vms, seen.cpu, seen.steal
    )
