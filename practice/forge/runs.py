"""Runs: started by an event, started again, deleted."""

import json
from dataclasses import dataclass
from typing import Any

from practice.forge import cancels, jobs, repos, runners, settings, workflows
from practice.forge.faults import Fault
from practice.forge.shapes.runs import branch_of
from practice.forge.statuses import FINAL
from practice.forge.store import Row, Store
from practice.forge.webhooks import announce


@dataclass(frozen=True, slots=True)
class Trigger:
    """What started a run."""

    event: str
    ref: str
    revision: Row
    actor: Row
    payload: dict[str, Any]
    inputs: dict[str, Any]


def start(store: Store, repo: Row, file: Row, trigger: Trigger, now: float) -> int:
    """Make the run of one workflow file; its id. It cancels the older ones of its workflow and branch."""
    name = file["path"].rsplit("/", 1)[-1]
    parsed = workflows.parse(file["content"].decode("utf-8", "replace"))
    title = trigger.revision["message"].split("\n", 1)[0]
    plan = workflows.plan(parsed, _context(store, repo, name, trigger), title)
    cancels.supersede(store, repo, name, trigger.ref, trigger.event, now)
    grouped = settings.value(store, "concurrency")
    held = grouped and cancels.enter_group(store, repo, plan.group, now)
    run_id = _insert_run(store, repo, name, plan, trigger, bool(held), now)
    for position, planned in enumerate(plan.jobs):
        _insert_job(store, repo, run_id, position, planned, now, held=bool(held), grouped=grouped)
    jobs.raise_tasks_version(store, repo["owner_id"], repo["id"])
    made = jobs.of_run(store, run_id)
    store.update("run", run_id, status=jobs.aggregate([job["status"] for job in made]))
    announce.run(store, run_id, now)
    for job in made:
        announce.job(store, job["id"], now)
    return run_id


def _context(store: Store, repo: Row, workflow: str, trigger: Trigger) -> dict[str, Any]:
    github = {
        "event": trigger.payload,
        "event_name": trigger.event,
        "ref": trigger.ref,
        "ref_name": branch_of(trigger.ref),
        "sha": trigger.revision["sha"],
        "actor": trigger.actor["name"],
        "repository": repos.full_name(store, repo),
        "workflow": workflow,
        "run_id": "",  # Gitea 1.25 reads the workflow before the run has an id
    }
    return {"github": github, "gitea": github, "inputs": trigger.inputs}


def _insert_run(
    store: Store, repo: Row, workflow: str, plan: workflows.Plan, trigger: Trigger, held: bool, now: float
) -> int:
    store.run("UPDATE repo SET runs = runs + 1 WHERE id = ?", repo["id"])
    return store.insert(
        "run", number=store.require("repo", repo["id"])["runs"], repo_id=repo["id"], workflow=workflow,
        title=plan.title[:255], event=trigger.event, payload=json.dumps(trigger.payload), ref=trigger.ref,
        sha=trigger.revision["sha"], actor_id=trigger.actor["id"], status="waiting" if held else "queued",
        concurrency=plan.group.name, held=int(held), created=now,
    )  # fmt: skip


def _insert_job(
    store: Store, repo: Row, run_id: int, position: int, job: workflows.JobPlan, now: float,
    *, held: bool, grouped: bool,
) -> None:  # fmt: skip
    waits = held or bool(job.needs)
    if grouped and not waits:
        waits = cancels.enter_group(store, repo, job.group, now)
    store.insert(
        "job", run_id=run_id, repo_id=repo["id"], owner_id=repo["owner_id"], position=position, key=job.key,
        name=job.name[:255], labels=json.dumps(job.labels), needs=json.dumps(job.needs),
        has_if=int(job.has_if), workflow=job.text, steps=json.dumps(job.steps), concurrency=job.group.name,
        status="waiting" if waits else "queued", attempt=0 if settings.counts_pickups(store) else 1, created=now,
        updated=int(now),
    )  # fmt: skip


def rerun(store: Store, run: Row, now: float, key: str = "") -> None:
    """Rerun all jobs, or the job with this key and all that need it."""
    if run["status"] not in FINAL:
        raise Fault(400, "This workflow run is not done.")
    held = jobs.group_is_busy(store, run["repo_id"], run["concurrency"])
    store.update("run", run["id"], started=0, stopped=0, status="queued", held=int(held))
    announce.run(store, run["id"], now)
    rerun_jobs = _jobs_to_rerun(_next_attempt(store, run, now), key)
    keys = {job["key"] for job in rerun_jobs}
    for job in rerun_jobs:
        waits = held or bool(keys.intersection(json.loads(job["needs"])))
        waits = waits or jobs.group_is_busy(store, job["repo_id"], job["concurrency"])
        jobs.move(store, job, "waiting" if waits else "queued", now, task_id=0, started=0, stopped=0)
        announce.job(store, job["id"], now)


def _next_attempt(store: Store, run: Row, now: float) -> list[Row]:
    """The jobs that a rerun begins with. Before 1.27 those that there are, whose attempt stays the old one until a
    runner takes them; from 1.27 on a copy of each, also of those that keep their result (go-gitea/gitea#37119)."""
    made = jobs.of_run(store, run["id"])
    if settings.counts_pickups(store):
        return made
    number = 1 + max(job["attempt"] for job in made)
    for job in made:
        store.insert("job", **{**job, "id": None, "attempt": number, "created": now})
    return jobs.of_run(store, run["id"])


def _jobs_to_rerun(made: list[Row], key: str) -> list[Row]:
    """All jobs of a run, or that of a key and all that need it, directly or not."""
    keys = {job["key"] for job in made if key in ("", job["key"])}
    while more := {job["key"] for job in made if keys.intersection(json.loads(job["needs"]))} - keys:
        keys |= more
    return [job for job in made if job["key"] in keys]


def delete(store: Store, run: Row) -> None:
    if run["status"] not in FINAL:
        raise Fault(400, "this workflow run is not done")
    store.run("DELETE FROM run WHERE id = ?", run["id"])


def alerts(store: Store, run: Row, now: float) -> list[str]:
    """What Gitea shows in red beside a run that waits for a runner that is not there."""
    repo = store.require("repo", run["repo_id"])
    offered = runners.labels_online(store, repo, now)
    waiting = [job for job in jobs.of_run(store, run["id"]) if job["status"] in ("queued", "waiting")]
    missing = {label: None for job in waiting for label in json.loads(job["labels"]) if label not in offered}
    return [f"No matching online runner with label: {label}" for label in missing]
