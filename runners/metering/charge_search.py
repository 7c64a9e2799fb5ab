"""Entries of the ledger by what they are for. They have the numbers of their job and VM, whose rows have the rest."""

from typing import Any

from django.db.models import Q, QuerySet

from billing import ledger
from runners.metering.spend_sums import BEGIN, END, ChargeFilter, GroupBy, Period
from runners.models import VM, Job
from tfci.accounts.models import Team
from tfci.core.formatting import CANONICAL

OF_VMS = (GroupBy.NODE, GroupBy.SIZE)


def entries(team: Team, within: ChargeFilter, period: Period) -> QuerySet[ledger.Entry]:
    """Newest first. With any filter but time they are the charges that spend_sums adds up."""
    found = ledger.entries(team)
    if period.since != BEGIN:
        found = found.filter(at__gte=period.since)
    if period.until != END:
        found = found.filter(at__lt=period.until)
    conditions = [_condition(team, by, key) for by, key in within.keys.items()]
    if within.use:
        conditions.append(Q(use=within.use))
    return found.filter(*conditions, kind=ledger.Entry.Kind.CHARGE) if conditions else found


def _condition(team: Team, by: GroupBy, key: int | str) -> Q:
    if by == GroupBy.POOL:
        return Q(pool_id=key if key != "" else None)
    if by == GroupBy.REPOSITORY:
        return Q(repository__iexact=key)
    column = "vm_id" if by in OF_VMS else "job_id"
    that = Q(**{f"{column}__in": _rows(team, by, key).values("pk")})
    return ~that if key == "" else that


def _rows(team: Team, by: GroupBy, key: int | str) -> QuerySet[Any]:
    """The jobs or VMs with that key; with "" those that have any."""
    jobs, vms = Job.objects.of(team), VM.objects.filter(team=team)
    match by:
        case GroupBy.CONNECTION:
            return jobs.filter(connection=int(key)) if key else jobs
        case GroupBy.WORKFLOW:
            return jobs.filter(workflow=key) if key else jobs.exclude(workflow="")
        case GroupBy.PERSON:
            return jobs.filter(sender=key) if key else jobs.exclude(sender="")
        case GroupBy.NODE:
            return vms.filter(node__node_id=int(key)) if key else vms.exclude(node=None)
    size = CANONICAL.fullmatch(str(key))
    if size:
        return vms.filter(cpu=size[1], memory_gb=size[2], disk_gb=size[3])
    return vms if key == "" else vms.none()
