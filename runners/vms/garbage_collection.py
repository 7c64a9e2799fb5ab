"""Nothing is left running that has no row: runners without a VM, VMs without a row, teams and organisations that
are closing."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from billing import wallets
from runners.gateways import Gateways
from runners.models import VM, Job, Orphan, Pool, Runner
from runners.reasons.jobs import ConnectionEnding
from runners.reasons.retirements import ConnectionEnded, PoolDeleted
from runners.vms.liveness import REPORTING
from tfci.core.reasons import columns
from tfci.forges import connections
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.models import Connection, ScaleSet
from tfci.forges.ports.forge import Forge, RegistersRunners
from tfci.grid.ports import Deployment

SILENT = timedelta(minutes=5)  # without a heartbeat, of a VM that its grid has no more
EVERY = timedelta(seconds=30)  # the runners of one organisation
YOUNG = timedelta(minutes=2)  # what is younger may be in the middle of being made
MAY_BE_DOWN = (VM.State.REFRESHING, VM.State.GONE)


def due(now: datetime) -> list[int]:
    """The organisations to sweep now, by id. One that does not answer is left alone."""
    late = Q(last_swept_at=None) | Q(last_swept_at__lte=now - EVERY) | Q(disconnecting_at__isnull=False)
    found = Connection.objects.filter(late, Connection.callable_at(now), disconnected_at=None)
    return list(found.order_by("last_swept_at").values_list("pk", flat=True))


def runners(connection: Connection, forge: RegistersRunners, now: datetime) -> list[str]:
    """Remove the forge's runners with our name that belong to no VM. Returns their names."""
    ours = [seen for seen in forge.runners() if seen.name.startswith(Runner.prefix())]
    numbers = {
        int(seen.name.rsplit("-", 1)[1]): seen for seen in ours if seen.name.rsplit("-", 1)[1].isdigit()
    }
    alive = Runner.objects.filter(pk__in=numbers, deregistered_at=None).exclude(vm__state=VM.State.GONE)
    young = Runner.objects.filter(pk__in=numbers, bound_at__gt=now - YOUNG)
    kept = set(alive.values_list("pk", flat=True)) | set(young.values_list("pk", flat=True))
    orphans = [seen for number, seen in numbers.items() if number not in kept]
    for seen in orphans:
        forge.remove_runner(seen.runner_id)
        Orphan.objects.create(kind=Orphan.Kind.RUNNER, name=seen.name, connection=connection, removed_at=now)
    Connection.objects.filter(pk=connection.pk).update(last_swept_at=now)
    return [seen.name for seen in orphans]


def vms(twin_id: int, gateways: Gateways, now: datetime) -> list[str]:
    """Cancel VMs with our name on the grid that have no row; mark those that it reports dead. Returns the cancelled."""
    with wallets.signing(twin_id, now, gateways.clock) as twin:
        if twin is None:
            return []
        account = gateways.account(twin)
        listed = {found.name: found for found in account.list_vms(VM.prefix())}
        rows = VM.objects.signed_by(twin_id).filter(pk__in=[_number(name) for name in listed])
        known = {vm.name for vm in rows.alive()}
        for lost in (_dead(listed), _missing(twin_id, listed, now)):
            lost.filter(died_at=None).update(died_at=gateways.clock(), next_step_at=gateways.clock())
        orphans = sorted(set(listed) - known)
        if orphans:
            account.remove(orphans)
            found = [Orphan(kind=Orphan.Kind.VM, name=name, twin=twin, removed_at=now) for name in orphans]
            Orphan.objects.bulk_create(found)
        wallets.record_sweep(twin, now)
        return orphans


def _dead(listed: Mapping[str, Deployment]) -> QuerySet[VM]:
    """Those that the grid lists as dead."""
    dead = [_number(name) for name, vm in listed.items() if not vm.running]
    return VM.objects.filter(pk__in=dead).exclude(state__in=MAY_BE_DOWN)


def _missing(twin_id: int, listed: Mapping[str, Deployment], now: datetime) -> QuerySet[VM]:
    """Those that the grid has no more and whose agents are silent: a list may lag and a line may break, not both."""
    silent = VM.objects.signed_by(twin_id).filter(state__in=REPORTING, last_heartbeat_at__lt=now - SILENT)
    return silent.exclude(pk__in=[_number(name) for name in listed])


def _number(name: str) -> int:
    """The row id in a VM's name; -1 where there is none."""
    last = name.removeprefix(VM.prefix())
    return int(last) if last.isdigit() else -1


def disconnecting(connection: Connection, forge: Forge, now: datetime) -> bool:
    """Drain an organisation that is being unlinked; True when nothing of it is left at its forge."""
    waiting = Job.objects.filter(connection=connection, state__in=[Job.State.QUEUED, Job.State.WAITING])
    waiting.update(state=Job.State.REFUSED, **columns(ConnectionEnding(connection.noun)))
    open_runners = Runner.objects.filter(connection=connection, deregistered_at=None)
    idle = VM.objects.alive().unretired().filter(runners__in=open_runners.filter(job=None))
    VM.objects.filter(pk__in=idle.values("pk")).retire(ConnectionEnded(connection.noun), now)
    if (
        open_runners.exists() or ScaleSet.objects.filter(connection=connection).exists()
    ):  # each goes by its own turn
        return False
    with suppress(
        ForgeRefused, Gone
    ):  # where our rights have ended, finish_disconnect reports what may be left
        runners(connection, forge, now)
    connections.finish_disconnect(connection, forge, now)
    return True


def closing(pool: Pool, now: datetime) -> bool:
    """Drain a pool that was deleted; True when its last VM is gone."""
    alive = VM.objects.filter(pool=pool).alive()
    if not alive.exists():
        Pool.objects.filter(pk=pool.pk, closed_at=None).update(closed_at=now)
        return True
    alive.unretired().exclude(state__in=[VM.State.BUSY, VM.State.REMOVING]).retire(PoolDeleted(), now)
    return False
