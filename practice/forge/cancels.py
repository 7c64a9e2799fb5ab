"""How jobs are stopped from outside: by a newer push, by a concurrency group, by hand."""

from practice.forge import jobs, tasks, workflows
from practice.forge.statuses import FINAL, OPEN
from practice.forge.store import Row, Store
from practice.forge.webhooks import announce


def supersede(store: Store, repo: Row, workflow: str, ref: str, event: str, now: float) -> None:
    """A newer run of the same workflow, branch and event cancels the older ones."""
    where = "repo_id = ? AND workflow = ? AND ref = ? AND event = ?"
    for run in store.rows("run", where, repo["id"], workflow, ref, event):
        if run["status"] in OPEN:
            _stop_and_announce(store, jobs.of_run(store, run["id"]), now)


def enter_group(store: Store, repo: Row, group: workflows.Group, now: float) -> bool:
    """True if the new run has to wait. Waiting ones are canceled; running ones too, if the group says so."""
    if not group.name:
        return False
    waits = not group.cancels and jobs.group_is_busy(store, repo["id"], group.name)
    stopped = OPEN if group.cancels else ("queued", "waiting")
    where = "repo_id = ? AND concurrency = ?"
    for run in store.rows("run", where, repo["id"], group.name):
        if run["status"] in stopped:
            _stop_and_announce(store, jobs.of_run(store, run["id"]), now)
    rows = store.rows("job", where, repo["id"], group.name)
    _stop_and_announce(store, [job for job in rows if job["status"] in stopped], now)
    return waits


def _stop_and_announce(store: Store, stopped: list[Row], now: float) -> None:
    """Cancel jobs for a newer one.

    A job that has a task is announced with its old status (a stale object in Gitea): a second in_progress, never
    completed.
    """
    stopped = [job for job in stopped if job["status"] not in FINAL]
    for job in stopped:
        _cancel_job(store, job, now)
    for job in stopped:
        announce.job(store, job["id"], now, status=job["status"] if job["task_id"] else "")
    for run_id in sorted({job["run_id"] for job in stopped}):
        announce.run(store, run_id, now)


def cancel(store: Store, run: Row, now: float) -> None:
    """Cancel by hand: jobs without a runner are announced as completed; for the others no webhook is sent."""
    stopped = [job for job in jobs.of_run(store, run["id"]) if job["status"] not in FINAL]
    for job in stopped:
        _cancel_job(store, job, now)
    announced = [job for job in stopped if not job["task_id"]]
    for job in announced:
        announce.job(store, job["id"], now)
    if announced:
        announce.run(store, run["id"], now)
    jobs.release_groups(store, run["repo_id"], now)


def _cancel_job(store: Store, job: Row, now: float) -> None:
    if job["task_id"]:
        tasks.stop(store, job["task_id"], "cancelled", now)
    else:
        jobs.move(store, job, "cancelled", now, stopped=now)
