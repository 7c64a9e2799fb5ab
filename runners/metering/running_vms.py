"""What a team's VMs cost an hour, and what they have run up since they were charged: for limits and forecasts."""

from datetime import datetime

from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from billing import ledger
from billing.spending.limit import RunningVM
from runners.metering import charges
from runners.models import VM, Job, Runner
from tfci.core.optional import present
from tfci.core.tft import Tft


def read(team_id: int, now: datetime) -> list[RunningVM]:
    """Each that is paid for, until it is gone. One query."""
    return [_running(vm, now) for vm in _paid(team_id)]


def _paid(team_id: int) -> QuerySet[VM]:
    """With what was charged for it, and the repository of the job that it runs, else of the one that waits for it: at a
    VM's end boot and idle time become that job's."""
    runners = Runner.objects.filter(vm=OuterRef("pk"), deregistered_at=None).exclude(job=None)
    waiting = Job.objects.filter(awaits=OuterRef("pk"), state=Job.State.QUEUED)
    repository = Coalesce(
        Subquery(runners.values("job__repository")[:1]),
        Subquery(waiting.values("repository")[:1]),
        Value(""),
        output_field=CharField(),
    )
    paid = VM.objects.filter(team=team_id).alive().exclude(quote=None).select_related("quote")
    paid = paid.only("contract_created_at", "contract_ended_at", "quote", "pool")
    return paid.annotate(charged=Coalesce(ledger.spent_of("vm_id"), 0), repository=repository)


def _running(vm: VM, now: datetime) -> RunningVM:
    per_hour = Tft() if vm.contract_ended_at else present(vm.quote).per_hour
    charged: int = vm.charged  # type: ignore[attr-defined]  # annotated by the query
    repository: str = vm.repository  # type: ignore[attr-defined]  # the same
    return RunningVM(vm.pool_id, repository, per_hour, charges.whole_cost(vm, now) - charged)
