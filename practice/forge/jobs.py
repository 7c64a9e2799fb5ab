"""The one place where a job's status changes, and what follows from it: its run, needs, groups."""

import json

from practice.forge import runners, settings
from practice.forge.statuses import FINAL
from practice.forge.store import Row, Store
from practice.forge.webhooks import announce

ENDED_BADLY = ("failure", "cancelled", "skipped")
NEWEST = "id IN (SELECT max(id) FROM job WHERE run_id = ? GROUP BY position)"  # of a run's jobs: one row an attempt


def of_run(store: Store, run_id: int) -> list[Row]:
    """Those of its newest attempt."""
    return store.rows("job", NEWEST, run_id)


def move(store: Store, job: Row, status: str, now: float, **columns: float) -> None:
    """Change the status; a job that may now be fetched raises the tasks version of its scopes."""
    store.update("job", job["id"], status=status, updated=int(now), **columns)
    if status == "queued":
        raise_tasks_version(store, job["owner_id"], job["repo_id"])
    _refresh_run(store, job["run_id"], now)


def raise_tasks_version(store: Store, owner_id: int, repo_id: int) -> None:
    for scope in ((0, 0), (owner_id, 0), (0, repo_id)):
        sql = "INSERT INTO tasks_version VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET version = version + 1"
        store.run(sql, *scope)


def tasks_version(store: Store, scope: runners.Scope) -> int:
    sql = "SELECT version FROM tasks_version WHERE owner_id = ? AND repo_id = ?"
    return store.value(sql, scope.owner_id, scope.repo_id) or 0


def _refresh_run(store: Store, run_id: int, now: float) -> None:
    run = store.require("run", run_id)
    status = aggregate([job["status"] for job in of_run(store, run_id)])
    started = run["started"] or (now if status == "in_progress" else 0)
    stopped = run["stopped"] or (now if status in FINAL else 0)
    store.update("run", run_id, status=status, started=started, stopped=stopped)


def aggregate(statuses: list[str]) -> str:
    """A run's status from its jobs'. One cancelled job makes it cancelled, whatever still runs."""
    if all(status == "skipped" for status in statuses):
        return "skipped"
    if all(status in ("success", "skipped") for status in statuses):
        return "success"
    order = ("cancelled", "in_progress", "queued", "failure", "waiting")
    return next(status for status in order if status in statuses)


def settle(store: Store, run_id: int, now: float) -> None:
    """After a job has ended: those that waited for it become queued or skipped, its groups are free again."""
    _release(store, run_id, now)
    if all(job["status"] in FINAL for job in of_run(store, run_id)):
        announce.run(store, run_id, now)
    release_groups(store, store.require("run", run_id)["repo_id"], now)


def _release(store: Store, run_id: int, now: float) -> None:
    """Let go each job of the run that need not wait any more, and those that waited for a skipped one."""
    if store.require("run", run_id)["held"]:
        return
    moved = True
    while moved:
        moved, jobs = False, of_run(store, run_id)
        for job in jobs:
            status = _next_status(store, job, jobs) if job["status"] == "waiting" else None
            if status:
                move(store, job, status, now, stopped=now if status in FINAL else 0)
                announce.job(store, job["id"], now)
                moved, job["status"] = True, status


def _next_status(store: Store, job: Row, jobs: list[Row]) -> str | None:
    """None while it waits. If its needs went wrong it is skipped, unless an `if:` lets its runner decide."""
    wanted = json.loads(job["needs"])
    needs = [other["status"] for other in jobs if other["key"] in wanted]
    if not all(status in FINAL for status in needs):
        return None
    if any(status in ENDED_BADLY for status in needs) and not job["has_if"]:
        return "skipped"
    return None if group_is_busy(store, job["repo_id"], job["concurrency"], "queued") else "queued"


def group_is_busy(store: Store, repo_id: int, group: str, or_status: str = "in_progress") -> bool:
    """True while a run or job of the concurrency group is in progress, or in the other status."""
    if not group or not settings.value(store, "concurrency"):
        return False
    where = "repo_id = ? AND concurrency = ? AND status IN ('in_progress', ?)"
    return any(store.ids(table, where, repo_id, group, or_status) for table in ("job", "run"))


def release_groups(store: Store, repo_id: int, now: float) -> None:
    """Let go what only a concurrency group held back, the oldest first."""
    for run in store.rows("run", "repo_id = ? AND held", repo_id):
        if not group_is_busy(store, repo_id, run["concurrency"], "queued"):
            store.update("run", run["id"], held=0)
            _release(store, run["id"], now)
    waiting = store.rows("job", "repo_id = ? AND status = 'waiting' AND concurrency <> ''", repo_id)
    for run_id in sorted({job["run_id"] for job in waiting}):
        _release(store, run_id, now)
