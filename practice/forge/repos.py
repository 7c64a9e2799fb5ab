"""Repositories, their branches, files and commits: as much of git as a workflow needs."""

import hashlib
import json
import secrets
from dataclasses import dataclass

from practice.forge import accounts
from practice.forge.faults import Fault, not_found
from practice.forge.store import Row, Store

ZERO = "0" * 40


@dataclass(frozen=True, slots=True)
class Change:
    """One file of a commit: operation create, update, upload (create or update) or delete."""

    operation: str
    path: str
    content: bytes = b""
    sha: str = ""  # of the file that update and delete replace


def add(
    store: Store, owner: Row, name: str, now: float, *, private: bool = False, branch: str = "main"
) -> Row:
    if not accounts.NAME.fullmatch(name):
        raise Fault(422, f"repository name is invalid [{name}]")
    if store.one("SELECT 1 FROM repo WHERE owner_id = ? AND name = ?", owner["id"], name):
        raise Fault(409, "The repository with the same name already exists.")
    columns = {"owner_id": owner["id"], "name": name, "private": int(private), "default_branch": branch}
    repo = store.require("repo", store.insert("repo", **columns, created=now, updated=now))
    readme = Change("create", "README.md", f"# {name}\n".encode())
    commit(store, repo, branch, [readme], "Initial commit\n", owner, now)
    return repo


def named(store: Store, owner: str, name: str) -> Row:
    sql = "SELECT repo.* FROM repo JOIN account ON account.id = owner_id WHERE account.name = ?"
    repo = store.one(f"{sql} AND repo.name = ?", owner, name)
    if repo is None and not store.one("SELECT 1 FROM account WHERE name = ?", owner):
        raise not_found(f"user redirect does not exist [name: {owner}]", message="GetUserByName")
    if repo is None:
        raise not_found()
    return repo


def owner_of(store: Store, repo: Row) -> Row:
    return accounts.named_id(store, repo["owner_id"])


def full_name(store: Store, repo: Row) -> str:
    return f"{owner_of(store, repo)['name']}/{repo['name']}"


def set_collaborator(store: Store, repo: Row, user: Row, role: str) -> None:
    if role not in ("admin", "write", "read"):
        raise Fault(422, "permission is one of admin, write, read")
    sql = "INSERT INTO collaborator VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role"
    store.run(sql, repo["id"], user["id"], role)


def head(store: Store, repo: Row, branch: str) -> str | None:
    """The branch's newest commit."""
    return store.value("SELECT sha FROM branch WHERE repo_id = ? AND name = ?", repo["id"], branch)


def file(store: Store, repo: Row, branch: str, path: str) -> Row | None:
    sql = "SELECT * FROM file WHERE repo_id = ? AND branch = ? AND path = ?"
    return store.one(sql, repo["id"], branch, path)


def files(store: Store, repo: Row, branch: str, folder: str = "") -> list[Row]:
    sql = "SELECT * FROM file WHERE repo_id = ? AND branch = ? AND path GLOB ? ORDER BY path"
    return store.all(sql, repo["id"], branch, f"{folder}/*" if folder else "*")


def revision(store: Store, repo: Row, sha: str) -> Row:
    made = store.one("SELECT * FROM revision WHERE repo_id = ? AND sha = ?", repo["id"], sha)
    if made is None:
        raise Fault(404, f"object does not exist [id: {sha}, rel_path: ]")
    return made


def fork_branch(store: Store, repo: Row, old: str, new: str) -> None:
    """A new branch with all that the old one has."""
    if head(store, repo, new):
        raise Fault(422, f"branch already exists [name: {new}]")
    store.insert("branch", repo_id=repo["id"], name=new, sha=head(store, repo, old))
    for row in files(store, repo, old):
        store.insert("file", **{**row, "branch": new})


def commit(
    store: Store, repo: Row, branch: str, changes: list[Change], message: str, author: Row, now: float
) -> Row:
    """Write the changes as one commit; the new revision."""
    parent = head(store, repo, branch)
    if parent is None and repo["default_branch"] != branch:
        raise Fault(404, f"branch does not exist [repo_id: {repo['id']} name: {branch}]")
    sha = secrets.token_hex(20)
    done: dict[str, list[str]] = {"added": [], "removed": [], "modified": []}
    for change in changes:
        done[_write(store, repo, branch, change, sha)].append(change.path)
    sql = "INSERT INTO branch VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET sha = excluded.sha"
    store.run(sql, repo["id"], branch, sha)
    made = {
        "repo_id": repo["id"], "sha": sha, "parent": parent or ZERO, "message": message,
        "author_id": author["id"], "changes": json.dumps(done), "created": now,
    }  # fmt: skip
    store.insert("revision", **made)
    store.update("repo", repo["id"], updated=now)
    return made


def _write(store: Store, repo: Row, branch: str, change: Change, revision_sha: str) -> str:
    """Which list of a commit the change belongs to."""
    there = file(store, repo, branch, change.path)
    _check(change, there)
    if change.operation == "delete":
        sql = "DELETE FROM file WHERE repo_id = ? AND branch = ? AND path = ?"
        store.run(sql, repo["id"], branch, change.path)
        return "removed"
    header = b"blob %d\0" % len(change.content)
    blob = hashlib.sha1(header + change.content, usedforsecurity=False).hexdigest()
    sql = "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?)"
    store.run(sql, repo["id"], branch, change.path, blob, change.content, revision_sha)
    return "modified" if there else "added"


def _check(change: Change, there: Row | None) -> None:
    parts = change.path.split("/")
    if not all(parts) or {".", "..", ".git"} & {part.lower() for part in parts}:
        raise Fault(422, f"path contains a malformed path component [path: {change.path}]")
    if change.operation == "create" and there:
        raise Fault(422, f"repository file already exists [path: {change.path}]")
    if change.operation in ("update", "delete"):
        if there is None and change.operation == "update":
            raise Fault(404, f"object does not exist [id: , rel_path: {change.path}]")
        if there is None:
            raise Fault(404, f"repository file does not exist [path: {change.path}]")
        if change.sha != there["sha"]:
            raise Fault(422, f"sha does not match [given: {change.sha}, expected: {there['sha']}]")
