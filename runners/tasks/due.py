"""What Beat runs itself, by the second (tfci/core/processes/schedule.py): each finds the rows that are due and
nudges for one at a time, for a slow one may hold up no other."""

from celery import shared_task
from django.utils import timezone

from billing.cashier import cashiers
from runners.connections import polling, scale_sets, webhook_ingest
from runners.jobs import auto_rerun, lost_jobs, run_details
from runners.models import VM, Pool
from runners.pools import autoscaling
from runners.queue import nudges
from runners.servers import reconcile
from runners.vms import deploy_batches, garbage_collection
from tfci.forges import redelivery, signposts, tokens

MAX_VMS = 500  # VMs that one turn of the schedule enqueues


@shared_task
def ingest_deliveries(**_: object) -> None:
    """Every organisation with deliveries that are not ingested yet."""
    for connection_id in webhook_ingest.due():
        nudges.ingest_deliveries(connection_id)


@shared_task
def decide(**_: object) -> None:
    """One pool of every team, whose others are planned with it, and every server, so that a lost nudge costs seconds.
    Together, for they wait in one queue."""
    first = Pool.objects.filter(closed_at=None).order_by("team", "pk").distinct("team")
    nudges.decide_in_turn(first.values_list("pk", flat=True), reconcile.due())


@shared_task
def watch_processors(**_: object) -> None:
    """Every pool whose processors are watched."""
    for pool_id in autoscaling.due():
        nudges.watch(pool_id)


@shared_task
def step_vms(**_: object) -> None:
    """Every VM that is due and that nobody holds."""
    now = timezone.now()
    due = VM.objects.alive().filter(next_step_at__lte=now, leased_until__lte=now)
    for vm_id in due.order_by("next_step_at").values_list("pk", flat=True)[:MAX_VMS]:
        nudges.step_due(vm_id)


@shared_task
def take_turns(**_: object) -> None:
    """Every twin that has something to send or to cancel."""
    for twin_id in deploy_batches.twins_with_work():
        nudges.use_account(twin_id)


@shared_task
def take_in_deposits(**_: object) -> None:
    """The cashier, where the operator has set one."""
    if cashiers.is_set():
        nudges.use_cashier()


@shared_task
def ask_forges(**_: object) -> None:
    """Every organisation whose time to be asked has come."""
    for connection_id in polling.due(timezone.now()):
        nudges.ask(connection_id)


@shared_task
def read_runs(**_: object) -> None:
    """Every organisation with jobs whose runs were not read yet."""
    for connection_id in run_details.due(timezone.now()):
        nudges.describe(connection_id)


@shared_task
def rerun_jobs(**_: object) -> None:
    """Every job that failed where jobs run again whose VM failed."""
    for rerun_id in auto_rerun.due(timezone.now()):
        nudges.rerun(rerun_id)


@shared_task
def end_jobs(**_: object) -> None:
    """Every job whose VM is gone while its forge reports it as running."""
    for job_id in lost_jobs.due(timezone.now()):
        nudges.end_job(job_id)


@shared_task
def poll_scale_sets(**_: object) -> None:
    """Every scale set that nobody polls, and every one that is to be removed."""
    for scale_set_id, wanted in scale_sets.due(timezone.now()):
        nudge = nudges.listen if wanted else nudges.remove_scale_set
        nudge(scale_set_id)


@shared_task
def sweep_forges(**_: object) -> None:
    """Every organisation whose runners have not been compared with our VMs lately, or that is being unlinked."""
    for connection_id in garbage_collection.due(timezone.now()):
        nudges.sweep_connection(connection_id)


@shared_task
def redeliver(**_: object) -> None:
    """Every App and every link whose webhooks may have failed."""
    now = timezone.now()
    for app in redelivery.apps(now):
        nudges.redeliver_app(app.pk)
    for connection in redelivery.due(now):
        nudges.redeliver(connection.pk)


@shared_task
def keep_signposts(**_: object) -> None:
    """Every signpost that must be renewed now."""
    for connection_id in signposts.due(timezone.now()).values_list("pk", flat=True):
        nudges.keep_signpost(connection_id)


@shared_task
def refresh_tokens(**_: object) -> None:
    """Every installation of an App whose token ends soon, or that has news."""
    for installation_id in tokens.due(timezone.now()):
        nudges.refresh_token(installation_id)
