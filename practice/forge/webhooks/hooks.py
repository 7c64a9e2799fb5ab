"""Webhooks: which URL subscribes to which events."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from practice.forge import workflows
from practice.forge.faults import Fault
from practice.forge.runners import Scope
from practice.forge.store import Row, Store

EVENTS = (
    "create", "delete", "fork", "issues", "package", "pull_request", "push", "release", "repository",
    "status", "wiki", "workflow_job", "workflow_run",
)  # fmt: skip
TYPES = ("gitea", "gogs")  # the two whose body is this JSON


def create(store: Store, scope: Scope, form: Mapping[str, Any], now: float) -> Row:
    """A new hook. `active` is False and `events` push where the form does not say otherwise."""
    config = _config(form)
    for name in ("type", "config"):
        if not form.get(name):
            raise Fault(422, f"[{name.title()}]: Required")
    if form["type"] not in TYPES:
        raise Fault(422, f"Invalid hook type: {form['type']}")
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
    return store.require("hook", hook_id)


def edit(store: Store, row: Row, form: Mapping[str, Any], now: float) -> Row:
    """Change a hook. Events, branch filter and header are reset when left out; the secret stays."""
    config = _config(form)
    _check(config)
    columns: dict[str, str | int] = {name: config[name] for name in ("url", "content_type") if name in config}
    if form.get("active") is not None:
        columns["active"] = int(form["active"])
    reset = {name: form.get(name) or "" for name in ("branch_filter", "authorization_header")}
    store.update("hook", row["id"], **columns, **reset, events=json.dumps(_events(form)), updated=now)
    return store.require("hook", row["id"])


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


def branch_passes(hook: Row, branch: str) -> bool:
    return hook["branch_filter"] in ("", "*", "**") or bool(
        workflows.glob(hook["branch_filter"]).fullmatch(branch)
    )


def listeners(store: Store, repo: Row, event: str) -> list[Row]:
    """Hooks of the repository, its owner and the whole instance."""
    scope_filter = "(owner_id, repo_id) IN ((0, ?), (?, 0), (0, 0))"
    rows = store.rows("hook", f"active AND {scope_filter}", repo["id"], repo["owner_id"])
    return [hook for hook in rows if event in json.loads(hook["events"])]
