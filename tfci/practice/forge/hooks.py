"""Webhooks: who wants to hear, and what is put into the queue for them."""

import json
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tfci.practice.forge import accounts, repos, settings, shapes, shapes_of_git, shapes_of_runs, workflows
from tfci.practice.forge.faults import Fault
from tfci.practice.forge.runners import Scope
from tfci.practice.forge.store import Row, Store

EVENTS = (
    "create", "delete", "fork", "issues", "package", "pull_request", "push", "release", "repository",
    "status", "wiki", "workflow_job", "workflow_run",
)  # fmt: skip
TYPES = ("gitea", "gogs")  # the two whose body is this JSON
LATE = ("queued", "requested", "waiting")  # what Gitea hears of through a queue of its own


def create(store: Store, scope: Scope, form: Mapping[str, Any], now: float) -> Row:
    """A new hook. `active` is False and `events` push where the form does not say otherwise."""
    config = _config(form)
    if form.get("type") not in TYPES:
        raise Fault(422, f"Invalid hook type: {form.get('type') or ''}")
    for name in ("url", "content_type"):
        if name not in config:
            raise Fault(422, f"Missing config option: {name}")
    _check(config)
    hook_id = store.insert(
        "hook", owner_id=scope.owner_id, repo_id=scope.repo_id, type=form["type"], url=config["url"],
        content_type=config["content_type"], secret=config.get("secret") or "",
        events=json.dumps(_events(form)), branch_filter=form.get("branch_filter") or "",
        authorization_header=form.get("authorization_header") or "", active=int(bool(form.get("active"))),
        created=now, updated=now,
    )  # fmt: skip
    return store.the("hook", hook_id)


def edit(store: Store, row: Row, form: Mapping[str, Any], now: float) -> Row:
    """Change a hook. Events, branch filter and header are reset when left out; the secret stays."""
    config = _config(form)
    _check(config)
    columns = {name: config[name] for name in ("url", "content_type") if name in config}
    if form.get("active") is not None:
        columns["active"] = int(form["active"])
    reset = {name: form.get(name) or "" for name in ("branch_filter", "authorization_header")}
    store.update("hook", row["id"], **columns, **reset, events=json.dumps(_events(form)), updated=now)
    return store.the("hook", row["id"])


def _config(form: Mapping[str, Any]) -> dict[str, str]:
    config = form.get("config") or {}
    if not isinstance(config, dict) or not all(isinstance(value, str) for value in config.values()):
        raise Fault(422, "config is an object of texts")
    return config


def _check(config: Mapping[str, str]) -> None:
    if config.get("content_type", "json") not in ("json", "form"):
        raise Fault(422, "Invalid content type")
    if not _is_url(config.get("url", "http://host")):
        raise Fault(422, "Invalid url")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _events(form: Mapping[str, Any]) -> list[str]:
    wanted = form.get("events") or ["push"]
    if not isinstance(wanted, list):
        raise Fault(422, "events is a list of texts")
    return [event for event in EVENTS if event in wanted]


def of_scope(store: Store, scope: Scope) -> list[Row]:
    return store.rows("hook", "owner_id = ? AND repo_id = ?", scope.owner_id, scope.repo_id)


def announce_job(store: Store, job_id: int, now: float, *, steps: bool = False, status: str = "") -> None:
    """A workflow_job event. `status` for one that Gitea tells from an object that is no longer true."""
    row = store.the("job", job_id)
    if status:
        row |= {"status": status, "stopped": 0}
    sql = "SELECT * FROM step WHERE task_id = ? ORDER BY number"
    shown = store.all(sql, row["task_id"]) if steps else None
    shape = shapes_of_runs.job(store, row, shown)
    _announce(store, row["run_id"], "workflow_job", shape["status"], {"workflow_job": shape}, now, job_id)


def announce_run(store: Store, run_id: int, now: float) -> None:
    """A workflow_run event; none while the workflow's file is not on the default branch."""
    row = store.the("run", run_id)
    repo = store.the("repo", row["repo_id"])
    file = repos.file(store, repo, repo["default_branch"], f"{workflows.FOLDER}/{row['workflow']}")
    if file is None:
        return
    shape = shapes_of_runs.run(store, row)
    action = {"queued": "requested", "waiting": "requested"}.get(shape["status"], shape["status"])
    told = {"workflow": shapes_of_runs.workflow(store, repo, file), "workflow_run": shape}
    _announce(store, run_id, "workflow_run", action, told, now)


def _announce(
    store: Store, run_id: int, event: str, action: str, told: Mapping[str, Any], now: float, job_id: int = 0
) -> None:
    run = store.the("run", run_id)
    repo = store.the("repo", run["repo_id"])
    wanted = _listeners(store, repo, event)
    if not wanted:
        return
    owner, sender = repos.owner_of(store, repo), accounts.named_id(store, run["actor_id"])
    is_org = owner["kind"] == "organization"
    body = {
        "action": action,
        **told,
        **({"organization": shapes.organization(store, owner)} if is_org else {}),
        "repository": shapes.repository(store, repo, "owner"),
        "sender": shapes.user(store, sender),
    }
    late = settings.value(store, "queued_delay") if action in LATE else 0.0
    _enqueue(store, wanted, event, action, body, now + late, job_id)


def announce_push(store: Store, repo: Row, branch: str, revision: Row, now: float) -> None:
    wanted = [hook for hook in _listeners(store, repo, "push") if _branch_passes(hook, branch)]
    if wanted:
        _enqueue(store, wanted, "push", "", shapes_of_git.push(store, repo, branch, revision), now, 0)


def _branch_passes(hook: Row, branch: str) -> bool:
    return hook["branch_filter"] in ("", "*", "**") or bool(
        workflows.glob(hook["branch_filter"]).fullmatch(branch)
    )


def _listeners(store: Store, repo: Row, event: str) -> list[Row]:
    """Hooks of the repository, its owner and the whole instance."""
    whose = "(owner_id, repo_id) IN ((0, ?), (?, 0), (0, 0))"
    rows = store.rows("hook", f"active AND {whose}", repo["id"], repo["owner_id"])
    return [hook for hook in rows if event in json.loads(hook["events"])]


def _enqueue(
    store: Store, wanted: list[Row], event: str, action: str, body: Mapping[str, Any], due: float, job_id: int
) -> None:
    text = json.dumps(body, indent=2, ensure_ascii=False)
    for hook in wanted:
        store.insert(
            "delivery", hook_id=hook["id"], uuid=str(uuid.uuid4()), event=event, action=action,
            job_id=job_id, body=text, state="new", due=due,
        )  # fmt: skip
