"""Tasks: one pickup of one job by one runner, with its steps, outputs and log."""

import json
from functools import lru_cache

from practice.forge import jobs, runners, settings
from practice.forge.statuses import FINAL
from practice.forge.store import Row, Store
from practice.forge.webhooks import announce


def claim(store: Store, runner: Row, now: float) -> Row | None:
    """The oldest queued job whose labels the runner has, as a task. An ephemeral runner gets one, ever."""
    if runner["ephemeral"] and store.value("SELECT 1 FROM task WHERE runner_id = ?", runner["id"]):
        return None
    job = _oldest_that_fits(store, runner)
    if job is None:
        return None
    task_id = store.insert(
        "task", job_id=job["id"], runner_id=runner["id"], runner_name=runner["name"],
        status="in_progress", started=now, updated=now,
    )  # fmt: skip
    for number, name in enumerate(json.loads(job["steps"])):
        store.insert("step", task_id=task_id, number=number, name=name, status="waiting")
    attempt = job["attempt"] + 1 if settings.counts_pickups(store) else job["attempt"]
    jobs.move(store, job, "in_progress", now, task_id=task_id, attempt=attempt, started=now)
    announce.job(store, job["id"], now, steps=True)
    return store.require("task", task_id)


def _oldest_that_fits(store: Store, runner: Row) -> Row | None:
    offered, withheld = _labels(runner["labels"]), set(settings.value(store, "withhold"))
    queued = store.all(
        "SELECT id, labels FROM job WHERE status = 'queued' AND ? IN (0, owner_id) AND ? IN (0, repo_id)"
        " ORDER BY updated, id",
        runner["owner_id"], runner["repo_id"],
    )  # fmt: skip
    for row in queued:
        wanted = _labels(row["labels"])
        if wanted <= offered and not wanted & withheld:
            return store.require("job", row["id"])
    return None


@lru_cache(maxsize=4096)
def _labels(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


def stop(store: Store, task_id: int, status: str, now: float) -> None:
    """End a task from outside. An ephemeral runner is removed with it, without notice."""
    task = store.require("task", task_id)
    if task["status"] in FINAL:
        return
    sql = (
        "UPDATE step SET status = ?, stopped = ?, started = CASE started WHEN 0 THEN ? ELSE started END"
        " WHERE task_id = ? AND stopped = 0"
    )
    store.run(sql, status, now, now, task_id)
    _end(store, task, status, now, now)


def finish(store: Store, task: Row, status: str, stopped: float, now: float) -> None:
    """End a task with the result that its runner reported."""
    _end(store, task, status, stopped, now)


def _end(store: Store, task: Row, status: str, stopped: float, now: float) -> None:
    store.update("task", task["id"], status=status, stopped=stopped, updated=now)
    jobs.move(store, store.require("job", task["job_id"]), status, now, stopped=stopped)
    runners.remove_if_ephemeral(store, task["runner_id"])


def fail_zombies(store: Store, now: float) -> int:
    """Fail tasks without an update for too long; returns how many."""
    stale_before = now - settings.value(store, "zombie_timeout")
    rows = store.rows("task", "status = 'in_progress' AND updated < ?", stale_before)
    for task in rows:
        stop(store, task["id"], "failure", now)
        announce.job(store, task["job_id"], now)
        jobs.settle(store, store.require("job", task["job_id"])["run_id"], now)
    return len(rows)


def add_log(store: Store, task: Row, index: int, rows: list[tuple[str, str]]) -> int:
    """Keep the lines that are new, each (time, content); how many there are now."""
    known = log_length(store, task["id"])
    if index <= known:
        for number, (at, content) in enumerate(rows[known - index :], start=known):
            store.insert("log_line", task_id=task["id"], number=number, at=at, content=content)
    return log_length(store, task["id"])


def log_length(store: Store, task_id: int) -> int:
    return store.value("SELECT COUNT(*) FROM log_line WHERE task_id = ?", task_id)


def log_text(store: Store, task_id: int) -> str:
    """The log as Gitea serves it: each line with its time to 1e-7 s."""
    rows = store.all("SELECT at, content FROM log_line WHERE task_id = ? ORDER BY number", task_id)
    return "".join(f"{row['at']} {row['content']}\n" for row in rows)


def outputs(store: Store, task_id: int) -> dict[str, str]:
    rows = store.all("SELECT name, value FROM output WHERE task_id = ?", task_id)
    return {row["name"]: row["value"] for row in rows}
