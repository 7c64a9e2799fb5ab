"""How Gitea 1.25.4 shows runs, jobs, runners, workflows; what is unset is absent where Gitea omits it."""

import json
from urllib.parse import quote

from practice.forge import accounts, repos, runners, workflows
from practice.forge.shapes import NEVER, Shape, moment, repository, user
from practice.forge.statuses import FINAL
from practice.forge.store import Row, Store


def status_and_conclusion(status: str) -> Shape:
    """`completed` and how, for what has ended; else the status alone."""
    return {"status": "completed", "conclusion": status} if status in FINAL else {"status": status}


def branch_of(ref: str) -> str:
    return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""


def job(store: Store, row: Row, steps: list[Row] | None = None) -> Shape:
    """A job. Only a webhook about a task just handed out or ended has its steps; elsewhere they are null."""
    repo, run = store.require("repo", row["repo_id"]), store.require("run", row["run_id"])
    full_name = repos.full_name(store, repo)
    api = f"{store.url}/api/v1/repos/{full_name}/actions"
    branch = branch_of(run["ref"])
    return {
        "id": row["id"],
        "url": f"{api}/jobs/{row['id']}",
        "html_url": f"{store.url}/{full_name}/actions/runs/{run['number']}/jobs/{row['position']}",
        "run_id": run["id"],
        "run_url": f"{api}/runs/{run['id']}",
        "name": row["name"],
        "labels": json.loads(row["labels"]),
        "run_attempt": row["attempt"],
        "head_sha": run["sha"],
        **({"head_branch": branch} if branch else {}),
        **status_and_conclusion(row["status"]),
        **_runner_of(store, row),
        "steps": [_step(row, step) for step in steps] if steps else None,
        "created_at": moment(row["created"]),
        "started_at": moment(row["started"]),
        "completed_at": moment(row["stopped"]),
    }


def _runner_of(store: Store, row: Row) -> Shape:
    """Who took the job; remembered also after its runner is gone."""
    task = store.get("task", row["task_id"])
    return {"runner_id": task["runner_id"], "runner_name": task["runner_name"]} if task else {}


def _step(row: Row, step: Row) -> Shape:
    return {
        "name": step["name"],
        "number": step["number"],
        **status_and_conclusion(row["status"]),  # a step shows the job's status, not its own
        "started_at": moment(step["started"]),
        "completed_at": moment(step["stopped"]),
    }


def run(store: Store, row: Row) -> Shape:
    repo, actor = store.require("repo", row["repo_id"]), accounts.named_id(store, row["actor_id"])
    full_name, branch = repos.full_name(store, repo), branch_of(row["ref"])
    ended = status_and_conclusion(row["status"])
    return {
        "id": row["id"],
        "url": f"{store.url}/api/v1/repos/{full_name}/actions/runs/{row['id']}",
        "html_url": f"{store.url}/{full_name}/actions/runs/{row['number']}",
        "display_title": row["title"],
        "path": f"{row['workflow']}@{row['ref']}",
        "event": row["event"],
        "run_attempt": 0,
        "run_number": row["number"],
        "head_sha": row["sha"],
        **({"head_branch": branch} if branch else {}),
        "status": ended.pop("status"),
        "actor": user(store, actor),
        "trigger_actor": user(store, actor),
        "repository": repository(store, repo, None),
        **ended,
        "started_at": moment(row["started"]),
        "completed_at": moment(row["stopped"]),
    }


def workflow(store: Store, repo: Row, file: Row) -> Shape:
    """A workflow file of the default branch."""
    name, branch = file["path"].rsplit("/", 1)[-1], repo["default_branch"]
    full_name = repos.full_name(store, repo)
    page = f"{store.url}/{full_name}"
    changed = moment(repos.revision(store, repo, file["revision"])["created"])
    return {
        "id": name,
        "name": _given_name(file) or name,
        "path": file["path"],
        "state": "active",
        "created_at": changed,
        "updated_at": changed,
        "url": f"{store.url}/api/v1/repos/{full_name}/actions/workflows/{quote(name)}",
        "html_url": f"{page}/src/branch/{branch}/{file['path']}",
        "badge_url": f"{page}/actions/workflows/{quote(name)}/badge.svg?branch={branch}",
        "deleted_at": NEVER,
    }


def _given_name(file: Row) -> str:
    try:
        return str(workflows.parse(file["content"].decode("utf-8", "replace")).get("name") or "")
    except workflows.Invalid:
        return ""


def runner(store: Store, row: Row, now: float) -> Shape:
    return {
        "id": row["id"],
        "name": row["name"],
        "status": "online" if runners.online(store, row, now) else "offline",
        "busy": runners.busy(store, row, now),
        "ephemeral": bool(row["ephemeral"]),
        "labels": [
            {"id": number, "name": label, "type": "custom"}
            for number, label in enumerate(json.loads(row["labels"]))
        ],
    }
