"""Runners as Forgejo has them: made by REST, with a description, bound to one job by its handle."""

import json

from practice.forge import jobs, runners, tasks
from practice.forge.shapes import tasks as task_shapes
from practice.forge.store import Row, Store
from practice.forge.webhooks import announce
from tests.counterparts.forgejo import shapes

TABLE = "CREATE TABLE IF NOT EXISTS described (runner_id INTEGER PRIMARY KEY, description TEXT NOT NULL)"


def make(store: Store, scope: runners.Scope, name: str, description: str, ephemeral: bool) -> dict:
    """Without labels: its engine says them."""
    made = runners.register(store, scope, name, [], version="", ephemeral=ephemeral)
    store.run("INSERT INTO described VALUES (?, ?)", made.row["id"], description)
    return {"id": made.row["id"], "uuid": made.row["uuid"], "token": made.token}


def description(store: Store, row: Row) -> str:
    return store.value("SELECT description FROM described WHERE runner_id = ?", row["id"]) or ""


def fetch(store: Store, runner: Row, handle: str, now: float) -> dict | None:
    """The task of the job with that handle, once it waits; without one the oldest that fits."""
    task = _bound(store, runner, handle, now) if handle else tasks.claim(store, runner, now)
    return task_shapes.task(store, task) if task else None


def _bound(store: Store, runner: Row, handle: str, now: float) -> Row | None:
    offered = set(json.loads(runner["labels"]))
    scope = "status = 'queued' AND ? IN (0, owner_id) AND ? IN (0, repo_id)"
    waiting = store.rows("job", scope, runner["owner_id"], runner["repo_id"])
    job = next((row for row in waiting if shapes.handle(row) == handle), None)
    if job is None or not set(json.loads(job["labels"])) <= offered:
        return None
    if runner["ephemeral"] and store.value("SELECT 1 FROM task WHERE runner_id = ?", runner["id"]):
        return None
    named = {"runner_id": runner["id"], "runner_name": runner["name"]}
    task_id = store.insert("task", job_id=job["id"], status="in_progress", started=now, updated=now, **named)
    for number, name in enumerate(json.loads(job["steps"])):
        store.insert("step", task_id=task_id, number=number, name=name, status="waiting")
    jobs.move(store, job, "in_progress", now, task_id=task_id, attempt=job["attempt"] + 1, started=now)
    announce.job(store, job["id"], now, steps=True)
    return store.require("task", task_id)
