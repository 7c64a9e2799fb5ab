"""How Forgejo 16 shows jobs, runs and runners; field for field as recorded."""

import json
import uuid

from practice.forge import accounts, repos, runners
from practice.forge.shapes import moment, repository, user
from practice.forge.shapes.runs import branch_of
from practice.forge.store import Row, Store

STATUS = {"queued": "waiting", "waiting": "blocked", "in_progress": "running"}  # of ours, in Forgejo's words
HANDLES = uuid.UUID("6ba7b814-9dad-11d1-80b4-00c04fd430c8")


def handle(row: Row) -> str:
    """A job's ticket, another for each attempt."""
    return str(uuid.uuid5(HANDLES, f"{row['id']}.{row['created']}.{attempt(row)}"))


def attempt(row: Row) -> int:
    """From 1 on: Forgejo does not count pickups."""
    picked_up = row["task_id"] != 0
    return max(1, row["attempt"] if picked_up else row["attempt"] + 1)


def job(store: Store, row: Row) -> dict:
    return {
        "id": row["id"],
        "run_id": row["run_id"],
        "attempt": attempt(row),
        "handle": handle(row),
        "repo_id": row["repo_id"],
        "owner_id": row["owner_id"],
        "name": row["name"],
        "needs": json.loads(row["needs"]) or None,
        "runs_on": json.loads(row["labels"]),
        "task_id": row["task_id"],
        "status": STATUS.get(row["status"], row["status"]),
    }


def run(store: Store, row: Row) -> dict:
    repo, actor = store.require("repo", row["repo_id"]), accounts.named_id(store, row["actor_id"])
    ended = {"duration": int((row["stopped"] - row["started"]) * 10**9)} if row["stopped"] else {}
    return {
        "id": row["id"],
        "title": row["title"],
        "repository": repository(store, repo, "owner"),
        "workflow_id": row["workflow"],
        "index_in_repo": row["number"],
        "trigger_user": user(store, actor),
        "ScheduleID": 0,
        "prettyref": branch_of(row["ref"]),
        "is_ref_deleted": False,
        "commit_sha": row["sha"],
        "is_fork_pull_request": False,
        "need_approval": False,
        "approved_by": 0,
        "event": row["event"],
        "event_payload": row["payload"],
        "trigger_event": row["event"],
        "status": STATUS.get(row["status"], row["status"]),
        "started": moment(row["started"]),
        "stopped": moment(row["stopped"]),
        "created": moment(row["created"]),
        "updated": moment(max(row["created"], row["started"], row["stopped"])),
        **ended,
        "html_url": f"{store.url}/{repos.full_name(store, repo)}/actions/runs/{row['number']}",
    }


def runner(store: Store, row: Row, description: str, now: float) -> dict:
    online = runners.online(store, row, now)
    busy = online and runners.busy(store, row, now)
    return {
        "id": row["id"],
        "uuid": row["uuid"],
        "owner_id": row["owner_id"],
        "repo_id": row["repo_id"],
        "name": row["name"],
        "status": "active" if busy else "idle" if online else "offline",
        "version": row["version"],
        "labels": json.loads(row["labels"]) or None,
        "description": description,
        "ephemeral": bool(row["ephemeral"]),
    }
