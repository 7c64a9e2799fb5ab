"""The Celery app, its queues, and the whole schedule."""

import gc
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from celery import Celery, bootsteps, signals
from celery.worker.heartbeat import Heart
from celery.worker.request import Request
from django.conf import settings
from django.utils import timezone
from django_structlog.celery.receivers import CeleryReceiver
from kombu.transport.redis import Channel

from tfci.core.processes import warmup, worker_heartbeats

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tfci.settings")

# decide (processes): reconcile and place. act (threads): VMs and the chain. ask (the same threads, at most half of
# them): what else is asked of forges. hear (threads): calls that wait a minute for messages. upkeep: the rest.
QUEUES = {  # -> the file of its tasks
    "decide": "reconciliation",
    "act": "vm_steps",
    "ask": "forge_calls",
    "hear": "scale_set_polls",
    "upkeep": "upkeep",
}
ROUTES = {f"runners.tasks.{module}.*": {"queue": queue} for queue, module in QUEUES.items()}

# What is done, and every how many seconds. Beat itself looks for what is due (tfci/core/processes/schedule.py); the
# rest it sends, and one that nobody took before the next is due is dropped.
SCHEDULE: dict[str, tuple[str, float]] = {
    "ask forges": ("runners.tasks.due.ask_forges", 0.5),
    "take in deliveries": ("runners.tasks.due.ingest_deliveries", 1),
    "step VMs": ("runners.tasks.due.step_vms", 1),
    "turns on the chain": ("runners.tasks.due.take_turns", 1),
    "take in deposits": ("runners.tasks.due.take_in_deposits", 6),
    "reconcile pools and servers": ("runners.tasks.due.decide", 5),
    "watch processors": ("runners.tasks.due.watch_processors", 60),
    "read runs": ("runners.tasks.due.read_runs", 2),
    "run lost jobs again": ("runners.tasks.due.rerun_jobs", 5),
    "end lost jobs": ("runners.tasks.due.end_jobs", 5),
    "hear scale sets": ("runners.tasks.due.poll_scale_sets", 2),
    "settle scale sets": ("runners.tasks.upkeep.settle_scale_sets", 30),
    "signposts": ("runners.tasks.due.keep_signposts", 5),
    "sweep forges": ("runners.tasks.due.sweep_forges", 10),
    "renew tokens": ("runners.tasks.due.refresh_tokens", 5),
    "webhooks again": ("runners.tasks.due.redeliver", 300),
    "ends of tokens": ("runners.tasks.upkeep.warn_of_token_ends", 3600),
    "sweep the grid": ("runners.tasks.upkeep.sweep_grid", 30),
    "charge": ("runners.tasks.upkeep.charge_all", 300),
    "watch balances": ("runners.tasks.upkeep.watch_balances", 60),
    "roll up spending": ("runners.tasks.upkeep.roll_up_spend", 300),
    "watch limits": ("runners.tasks.upkeep.watch_limits", 300),
    "read bills": ("runners.tasks.upkeep.read_bills", 1800),
    "verify the ledger": ("runners.tasks.upkeep.verify_ledger", 3600),
    "tell operators": ("runners.tasks.upkeep.mail_operators", 60),
    "mail about withdrawals": ("runners.tasks.upkeep.mail_withdrawals", 10),
    "mirror the grid": ("runners.tasks.upkeep.mirror_grid", 120),
    "tidy": ("runners.tasks.upkeep.tidy", 3600),
}


def broker_of(valkey: str) -> str:
    """Celery's way to write redis-py's address of Valkey.

    >>> broker_of("unix:///run/valkey.sock?db=0")
    'redis+socket:///run/valkey.sock?virtual_host=0'
    """
    return valkey.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)


# A frozen broker must not hold up whoever sends a nudge: 0.25 s, once, and the next beat makes up for it.
PATIENCE = 0.25

GIVE_WAY = 5  # of 19

# Messages are nudges: one that is lost is sent anew, so none is kept for a worker that died or put back by one that
# lost its broker. (It would die of trying: over the connection that is gone.)
Channel.do_restore = False

log = structlog.get_logger()
app = Celery("farmhand", fixups={"tfci.core.processes.worker_sessions:fixup"})
app.conf.update(
    broker_url=broker_of(settings.VALKEY),
    broker_connection_timeout=PATIENCE,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
        "max_retries": 0,
        "ack_emulation": False,
    },
    task_publish_retry=False,
    task_default_queue="upkeep",
    task_create_missing_queues=False,
    task_routes=ROUTES,
    task_queues={name: {"exchange": name, "routing_key": name} for name in QUEUES},
    task_ignore_result=True,
    task_time_limit=300,
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=10,
    worker_redirect_stdouts=False,
    beat_schedule={
        name: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
        for name, (task, seconds) in SCHEDULE.items()
    },
    timezone="UTC",
)


@signals.setup_logging.connect
def leave_logging_alone(**_: object) -> None:
    """Celery sets no logging up where somebody listens to this: Django's LOGGING holds for workers too."""


@signals.worker_init.connect
def give_way(**_: object) -> None:
    """Where processors are few, people and forges are answered first: what waits for us is written down. Linux may
    weigh whole sessions against each other (sched(7), autogroup), and then looks at theirs alone."""
    os.nice(GIVE_WAY)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(GIVE_WAY))


@signals.worker_init.connect
def build_decoders(**_: object) -> None:
    """While there is one thread; processes that are forked later have them too."""
    warmup.build_decoders()


@signals.heartbeat_sent.connect
def worker_lives(sender: Heart, **_: object) -> None:
    """In each worker, as often as its command says (--heartbeat-interval)."""
    with suppress(worker_heartbeats.ValkeyDown):
        worker_heartbeats.record(sender.eventer.hostname, timezone.now())


@signals.worker_before_create_process.connect
def freeze(**_: object) -> None:
    """What stands now stays shared with the process that is forked: a collector's round would write to all of it."""
    gc.collect()
    gc.freeze()


class TaskLog(CeleryReceiver):
    """Logs what becomes of messages. One that expired is none that was lost: the next turn of the schedule sends it
    anew, so it is nothing that an operator has to know."""

    def receiver_task_revoked(  # type: ignore[override]  # it is called by name
        self, request: Request, expired: bool = False, **event: Any
    ) -> None:
        if expired:
            log.debug("message_expired", task=request.task, task_id=request.id)
        else:
            super().receiver_task_revoked(request, expired=expired, **event)


class LogTasks(bootsteps.Step):
    """In each worker, from its start."""

    def __init__(self, parent: object, **options: object) -> None:
        super().__init__(parent, **options)
        self.receiver = TaskLog()
        self.receiver.connect_worker_signals()


app.steps["worker"].add(LogTasks)
app.autodiscover_tasks()
