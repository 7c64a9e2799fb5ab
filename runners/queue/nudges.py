"""Nudges: what doors enqueue once a change is committed. One function a task (runners/tasks/), which it names and does
not import, for tasks nudge one another too.

Rows hold the truth: a nudge that is lost costs one turn of the schedule (tfci/celery.py).
"""

import math
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import wraps

import structlog
from celery import current_app
from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from runners.queue import wakes
from runners.queue.effects import Effects

log = structlog.get_logger()
Nudge = tuple[str, dict[str, int]]  # a task, and the row that it takes
MERGED = 5  # seconds after which a merged nudge that was never taken is sent anew, and is not taken any more
DECIDE = "runners.tasks.reconciliation"
ACT = "runners.tasks.vm_steps"
ASK = "runners.tasks.forge_calls"
HEAR = "runners.tasks.scale_set_polls"
UPKEEP = "runners.tasks.upkeep"
WAITING_KEPT = 86_400  # seconds for which it is remembered since when a row's turn is wanted
RECONCILE = f"{DECIDE}.reconcile_pool"
KEEP = f"{DECIDE}.keep_server"
# Taken however late: the schedule looks for these more seldom than that, or (the first) one too many costs a look.
NEVER_EXPIRE = {
    f"{DECIDE}.ingest_deliveries",
    *(f"{UPKEEP}.watch", f"{ASK}.sweep_connection", f"{ASK}.redeliver", f"{ASK}.redeliver_app"),
}
IN_TURN = {
    RECONCILE,
    KEEP,
}  # wanted every few seconds for every row, so one round may be more than workers can take


def follow(effects: Effects) -> None:
    """Enqueue all that follows from a change, except VMs that were placed: tasks/reconciliation.py steps them."""
    for vm_id in effects.agents:
        wakes.wake_agent(vm_id)
    for pool_id in effects.pools:
        reconcile_pool(pool_id)
    for server_id in effects.servers:
        keep_server(server_id)
    for twin_id in effects.twins:
        use_account(twin_id)
    for vm_id in effects.vms:
        step(vm_id)
    for job_id in effects.reread:
        reread(job_id)
    for connection_id in effects.connections:
        ask(connection_id)
    for connection_id in effects.posts:
        keep_signpost(connection_id)


def ingest_deliveries(connection_id: int) -> None:
    """At once: the webhook view has committed the delivery, and its debouncer holds no connection to ask."""
    _send_once(f"{DECIDE}.ingest_deliveries", {"connection_id": connection_id})


def reconcile_pool(pool_id: int) -> None:
    _once(RECONCILE, pool_id=pool_id)


def keep_server(server_id: int) -> None:
    _once(KEEP, server_id=server_id)


def decide_in_turn(pool_ids: Iterable[int], server_ids: Iterable[int]) -> None:
    """The schedule's round, those first whose turn is wanted for the longest: of a round that takes longer than its
    messages last, the rest is dropped, and must not be the same rows each time."""
    wanted = [(RECONCILE, {"pool_id": pk}) for pk in pool_ids] + [
        (KEEP, {"server_id": pk}) for pk in server_ids
    ]
    for task, ids in _longest_first(wanted):
        _once(task, **ids)


def _longest_first(wanted: list[Nudge]) -> list[Nudge]:
    """In the same order where Valkey does not answer, or nobody waits yet."""
    try:
        since = cache.get_many([_since(*nudge) for nudge in wanted])
    except RedisError:
        return wanted
    return sorted(wanted, key=lambda nudge: since.get(_since(*nudge), math.inf))


def step(vm_id: int) -> None:
    _each(f"{ACT}.step", vm_id=vm_id)


def step_due(vm_id: int) -> None:
    """The same, from the schedule, which finds it again each second until somebody takes it."""
    _once(f"{ACT}.step", vm_id=vm_id)


def use_account(twin_id: int) -> None:
    _once(f"{ACT}.use_account", twin_id=twin_id)


def use_cashier() -> None:
    """Its turn on the chain."""
    _once(f"{ACT}.use_cashier")


def ask(connection_id: int) -> None:
    _once(f"{ASK}.ask", connection_id=connection_id)


def ask_again(connection_id: int, after: timedelta) -> None:
    _each(f"{ASK}.ask", after, connection_id=connection_id)


def reread(job_id: int) -> None:
    _each(f"{ASK}.reread", job_id=job_id)


def describe(connection_id: int) -> None:
    _once(f"{ASK}.describe", connection_id=connection_id)


def rerun(rerun_id: int) -> None:
    _once(f"{ASK}.rerun", rerun_id=rerun_id)


def end_job(job_id: int) -> None:
    _once(f"{ASK}.end_job", job_id=job_id)


def refresh_token(installation_id: int) -> None:
    _once(f"{ASK}.refresh_token", installation_id=installation_id)


def remove_scale_set(scale_set_id: int) -> None:
    _once(f"{ASK}.remove_scale_set", scale_set_id=scale_set_id)


def listen(scale_set_id: int) -> None:
    _once(f"{HEAR}.listen", scale_set_id=scale_set_id)


def watch(pool_id: int) -> None:
    _once(f"{UPKEEP}.watch", pool_id=pool_id)


def keep_signpost(connection_id: int) -> None:
    _once(f"{ASK}.keep_signpost", connection_id=connection_id)


def sweep_connection(connection_id: int) -> None:
    _once(f"{ASK}.sweep_connection", connection_id=connection_id)


def redeliver_app(app_id: int) -> None:
    _once(f"{ASK}.redeliver_app", app_id=app_id)


def redeliver(connection_id: int) -> None:
    _once(f"{ASK}.redeliver", connection_id=connection_id)


def merge(task: Callable[..., None]) -> Callable[..., None]:
    """Around a task whose nudges are merged: before it reads its row, its key is deleted, so that a later change
    sends a new message."""
    name = f"{task.__module__}.{task.__name__}"

    @wraps(task)
    def taken(**ids: int) -> None:
        forget_merged(name, **ids)
        task(**ids)

    return taken


def forget_merged(task: str, **ids: int) -> None:
    """From here on the next nudge is a message of its own."""
    cache.delete_many([_key(task, ids), _since(task, ids)])


def _once(task: str, **ids: int) -> None:
    """After the commit, one message however many want it."""
    transaction.on_commit(lambda: _send_once(task, ids))


def _each(task: str, after: timedelta = timedelta(0), **ids: int) -> None:
    """After the commit, a message for each who wants it."""
    later = {"countdown": after.total_seconds()} if after else {}
    transaction.on_commit(lambda: _send(task, ids, **later))


def _send_once(task: str, ids: dict[str, int]) -> None:
    """One that is taken so late that another may have been sent is dropped: else a queue that is slow would fill with
    those that are sent anew, and what is new would wait behind them."""
    lasting = {} if task in NEVER_EXPIRE else {"expires": MERGED}
    try:
        if not cache.add(_key(task, ids), 1, timeout=MERGED):
            return
        if task in IN_TURN:
            cache.add(_since(task, ids), time.time(), timeout=WAITING_KEPT)
        if not _send(task, ids, **lasting):
            cache.delete(_key(task, ids))
    except RedisError as error:
        log.warning("nudge_lost", task=task, error=type(error).__name__)


def _send(task: str, ids: dict[str, int], **options: float) -> bool:
    """A broker that is dead or frozen costs at most its own timeout; False where it did not take it."""
    try:
        current_app.send_task(task, kwargs=ids, **options)
    except (OperationalError, RedisError) as error:
        log.warning("nudge_lost", task=task, error=type(error).__name__)
        return False
    return True


def _key(task: str, ids: dict[str, int]) -> str:
    return f"nudge:{task}:{':'.join(map(str, ids.values()))}"


def _since(task: str, ids: dict[str, int]) -> str:
    return f"since:{_key(task, ids)}"
