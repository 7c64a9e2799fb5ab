"""What a runner is handed, in the runner protocol's words."""

import base64
import json
import secrets
from typing import Any

from practice.forge import accounts, jobs, repos, tasks
from practice.forge.shapes.runs import branch_of
from practice.forge.store import Row, Store

Message = dict[str, Any]
EMPTY = (  # what a task's context names and leaves to the runner
    "action", "action_path", "action_ref", "action_repository", "action_status", "base_ref", "env",
    "event_path", "graphql_url", "head_ref", "path", "retention_days", "triggering_actor", "workspace",
)  # fmt: skip


def task(store: Store, row: Row) -> Message:
    """A task as its runner gets it: the workflow with this job alone, and what its expressions may name."""
    job = store.require("job", row["job_id"])
    run = store.require("run", job["run_id"])
    token = secrets.token_hex(20)
    message = {
        "id": str(row["id"]),
        "workflowPayload": base64.b64encode(job["workflow"].encode()).decode(),
        "context": _context(store, run, job, token),
        "secrets": {"GITEA_TOKEN": token, "GITHUB_TOKEN": token},
    }
    needs = _needs(store, job)
    return message | ({"needs": needs} if needs else {})


def _needs(store: Store, job: Row) -> Message:
    wanted, needs = json.loads(job["needs"]), {}
    rows = [other for other in jobs.of_run(store, job["run_id"]) if other["key"] in wanted]
    for key in wanted:
        same = [row for row in rows if row["key"] == key]
        outputs = {
            name: value for row in same for name, value in tasks.outputs(store, row["task_id"]).items()
        }
        result = jobs.aggregate([row["status"] for row in same]) if same else "unspecified"
        needs[key] = ({"outputs": outputs} if outputs else {}) | {"result": f"RESULT_{result.upper()}"}
    return needs


def _context(store: Store, run: Row, job: Row, token: str) -> Message:
    repo, actor = store.require("repo", run["repo_id"]), accounts.named_id(store, run["actor_id"])
    full_name = repos.full_name(store, repo)
    return {
        **dict.fromkeys(EMPTY, ""),
        "actor": actor["name"],
        "api_url": f"{store.url}/api/v1",
        "event": json.loads(run["payload"]),
        "event_name": run["event"],
        "gitea_default_actions_url": "https://github.com",
        "gitea_runtime_token": token,
        "job": job["key"],
        "ref": run["ref"],
        "ref_name": branch_of(run["ref"]),
        "ref_protected": False,
        "ref_type": "branch",
        "repository": full_name,
        "repositoryUrl": f"{store.url}/{full_name}",
        "repository_owner": full_name.split("/")[0],
        "run_attempt": str(job["attempt"]),
        "run_id": str(run["id"]),
        "run_number": str(run["number"]),
        "secret_source": "Actions",
        "server_url": f"{store.url}/",
        "sha": run["sha"],
        "token": token,
        "workflow": run["workflow"],
    }
