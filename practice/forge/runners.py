"""Registrations: who may take jobs, with which labels, and whether they called recently."""

import hmac
import json
import secrets
import uuid
from dataclasses import dataclass

from practice.forge import settings
from practice.forge.accounts import digest
from practice.forge.store import Row, Store

BUSY_FOR = 10.0  # seconds after the last call about a task


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose jobs: of an owner, of one repository, or (both 0) of all."""

    owner_id: int = 0
    repo_id: int = 0


@dataclass(frozen=True, slots=True)
class Registered:
    """A new runner and its token, which is shown once."""

    row: Row
    token: str


def registration_token(store: Store, scope: Scope) -> str:
    """40 characters, the same every time, good for any number of registrations."""
    sql = "SELECT token FROM registration WHERE owner_id = ? AND repo_id = ?"
    token = store.value(sql, scope.owner_id, scope.repo_id)
    if token is None:
        token = secrets.token_hex(20)
        store.insert("registration", owner_id=scope.owner_id, repo_id=scope.repo_id, token=token)
    return token


def scope_of_registration(store: Store, token: str) -> Scope | None:
    row = store.one("SELECT * FROM registration WHERE token = ?", token)
    return Scope(row["owner_id"], row["repo_id"]) if row else None


def register(
    store: Store, scope: Scope, name: str, labels: list[str], *, version: str, ephemeral: bool
) -> Registered:
    token = secrets.token_hex(20)
    runner_id = store.insert(
        "runner", uuid=str(uuid.uuid4()), token_digest=digest(token), name=name[:255], version=version,
        labels=json.dumps(labels), ephemeral=int(ephemeral), owner_id=scope.owner_id, repo_id=scope.repo_id,
    )  # fmt: skip
    return Registered(store.require("runner", runner_id), token)


def authenticate(store: Store, runner_uuid: str, token: str) -> Row | None:
    row = store.one("SELECT * FROM runner WHERE uuid = ?", runner_uuid)
    return row if row and hmac.compare_digest(row["token_digest"], digest(token)) else None


def mark_online(store: Store, row: Row, now: float, *, about_a_task: bool) -> None:
    seen = {"last_online": now} | ({"last_active": now} if about_a_task else {})
    store.update("runner", row["id"], **seen)


def declare(store: Store, row: Row, version: str, labels: list[str]) -> None:
    """Replace the labels: the holder of a runner's token may claim any."""
    store.update("runner", row["id"], version=version, labels=json.dumps(labels))


def of_scope(store: Store, scope: Scope) -> list[Row]:
    """The runners of this scope; of all scopes for the whole instance."""
    return store.rows("runner", "? IN (0, owner_id) AND ? IN (0, repo_id)", scope.owner_id, scope.repo_id)


def in_scope(row: Row, scope: Scope) -> bool:
    """True if a manager of the scope may see and remove this runner."""
    if scope == Scope():
        return True
    return (row["owner_id"], row["repo_id"]) == (scope.owner_id, scope.repo_id)


def remove(store: Store, runner_id: int) -> None:
    """Busy or not; nothing is announced about its job."""
    store.run("DELETE FROM runner WHERE id = ?", runner_id)


def remove_if_ephemeral(store: Store, runner_id: int) -> None:
    store.run("DELETE FROM runner WHERE id = ? AND ephemeral", runner_id)


def online(store: Store, row: Row, now: float) -> bool:
    return now - row["last_online"] <= settings.value(store, "online_timeout")


def busy(store: Store, row: Row, now: float) -> bool:
    """A guess from its last call, as in Gitea; not whether it has a job."""
    return online(store, row, now) and now - row["last_active"] <= BUSY_FOR


def labels_online(store: Store, repo: Row, now: float) -> set[str]:
    """All labels that an online runner offers to this repository."""
    scope_filter = "(owner_id, repo_id) IN ((0, ?), (?, 0), (0, 0))"
    rows = store.rows("runner", scope_filter, repo["id"], repo["owner_id"])
    return {label for row in rows if online(store, row, now) for label in json.loads(row["labels"])}
