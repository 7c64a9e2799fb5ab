"""Queue a delivery of each event for every hook that subscribes to it."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from practice.forge import accounts, repos, settings, shapes, workflows
from practice.forge.shapes import git as git_shapes, runs as run_shapes
from practice.forge.store import Row, Store
from practice.forge.webhooks import hooks

LATE = ("queued", "requested", "waiting")  # Gitea sends these through a queue of its own


def job(store: Store, job_id: int, now: float, *, steps: bool = False, status: str = "") -> None:
    """A workflow_job event. `status` for one that Gitea sends from a stale object."""
    row = store.require("job", job_id)
    if status:
        row |= {"status": status, "stopped": 0}
    sql = "SELECT * FROM step WHERE task_id = ? ORDER BY number"
    shown = store.all(sql, row["task_id"]) if steps else None
    shape = run_shapes.job(store, row, shown)
    _announce(store, row["run_id"], "workflow_job", shape["status"], {"workflow_job": shape}, now, job_id)


def run(store: Store, run_id: int, now: float) -> None:
    """A workflow_run event; none while the workflow's file is not on the default branch."""
    row = store.require("run", run_id)
    repo = store.require("repo", row["repo_id"])
    file = repos.file(store, repo, repo["default_branch"], f"{workflows.FOLDER}/{row['workflow']}")
    if file is None:
        return
    shape = run_shapes.run(store, row)
    action = "requested" if shape["status"] in ("queued", "waiting") else shape["status"]
    payload = {"workflow": run_shapes.workflow(store, repo, file), "workflow_run": shape}
    _announce(store, run_id, "workflow_run", action, payload, now)


def _announce(
    store: Store,
    run_id: int,
    event: str,
    action: str,
    payload: Mapping[str, Any],
    now: float,
    job_id: int = 0,
) -> None:
    run = store.require("run", run_id)
    repo = store.require("repo", run["repo_id"])
    wanted = hooks.listeners(store, repo, event)
    if not wanted:
        return
    owner, sender = repos.owner_of(store, repo), accounts.named_id(store, run["actor_id"])
    is_org = owner["kind"] == "organization"
    body = {
        "action": action,
        **payload,
        **({"organization": shapes.organization(store, owner)} if is_org else {}),
        "repository": shapes.repository(store, repo, "owner"),
        "sender": shapes.user(store, sender),
    }
    late = settings.value(store, "queued_delay") if action in LATE else 0.0
    _enqueue(store, wanted, event, action, body, now + late, job_id)


def push(store: Store, repo: Row, branch: str, revision: Row, now: float) -> None:
    wanted = [hook for hook in hooks.listeners(store, repo, "push") if hooks.branch_passes(hook, branch)]
    if wanted:
        _enqueue(store, wanted, "push", "", git_shapes.push(store, repo, branch, revision), now, 0)


def _enqueue(
    store: Store, wanted: list[Row], event: str, action: str, body: Mapping[str, Any], due: float, job_id: int
) -> None:
    text = json.dumps(body, indent=2, ensure_ascii=False)
    for hook in wanted:
        store.insert(
            "delivery", hook_id=hook["id"], uuid=str(uuid.uuid4()), event=event, action=action,
            job_id=job_id, body=text, state="new", due=due,
        )  # fmt: skip
