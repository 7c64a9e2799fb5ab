"""Files of a repository: to write one is to push."""

import base64
import binascii
from typing import Any

from practice.forge import access, pushes, repos
from practice.forge.api.door import door
from practice.forge.api.people import repository_of
from practice.forge.faults import Fault, not_found
from practice.forge.repos import Change
from practice.forge.shapes import git as git_shapes
from practice.forge.web import Answer, Request, as_json

PATH = "/repos/{owner}/{repo}/contents/{path*}"
TERMS = ("repository",)


@door.route("GET", PATH, TERMS)
def read(request: Request) -> Answer:
    repo = repository_of(request)
    branch = request.parameter("ref") or repo["default_branch"]
    if repos.head(request.store, repo, branch) is None:
        raise not_found(f"object does not exist [id: {branch}, rel_path: ]")
    file = repos.file(request.store, repo, branch, request.params["path"])
    if file is None and (inside := repos.files(request.store, repo, branch, request.params["path"])):
        return as_json(git_shapes.folder(request.store, repo, inside, request.params["path"], branch))
    if file is None:
        error = f"object does not exist [id: , rel_path: {request.params['path']}]"
        raise not_found(error, message="GetContentsOrList")
    return as_json(git_shapes.contents(request.store, repo, file, branch))


@door.route("POST", PATH, TERMS)
def create(request: Request) -> Answer:
    body = request.json()
    return _one(request, Change("create", request.params["path"], _content(body)), body, 201)


@door.route("PUT", PATH, TERMS)
def update(request: Request) -> Answer:
    body = request.json()
    return _one(request, Change("update", request.params["path"], _content(body), _sha(body)), body, 200)


@door.route("DELETE", PATH, TERMS)
def delete(request: Request) -> Answer:
    body = request.json()
    return _one(request, Change("delete", request.params["path"], sha=_sha(body)), body, 200)


@door.route("POST", "/repos/{owner}/{repo}/contents", TERMS)
def several(request: Request) -> Answer:
    """Several files in one commit, that is one push: {"files": [{"operation", "path", "content", "sha"}]}."""
    body = request.json()
    files = body.get("files")
    if not isinstance(files, list):
        raise Fault(422, "[Files]: Required")
    changes = [_change(file) for file in files if isinstance(file, dict)]
    repo, branch, revision = _push(request, changes, body)
    shown = [repos.file(request.store, repo, branch, change.path) for change in changes]
    shapes = [git_shapes.contents(request.store, repo, file, branch) if file else None for file in shown]
    return as_json({"files": shapes or None, **_commit(request, repo, revision)}, 201)


def _change(file: dict[str, Any]) -> Change:
    operation = file.get("operation")
    if operation not in ("create", "update", "upload", "delete"):
        raise Fault(422, f"operation {operation} is none of create, update, upload, delete")
    content = b"" if operation == "delete" else _content(file)
    return Change(operation, str(file.get("path") or ""), content, str(file.get("sha") or ""))


def _one(request: Request, change: Change, body: dict[str, Any], status: int) -> Answer:
    repo, branch, revision = _push(request, [change], body)
    file = repos.file(request.store, repo, branch, change.path)
    shape = git_shapes.contents(request.store, repo, file, branch) if file else None
    return as_json({"content": shape, **_commit(request, repo, revision)}, status)


def _push(request: Request, changes: list[Change], body: dict[str, Any]) -> tuple[Any, str, Any]:
    """Write them on the requested branch, or on a new one; (repository, branch, revision)."""
    store, repo = request.store, repository_of(request)
    access.need_repo_writer(store, repo, request.user)
    branch = body.get("branch") or repo["default_branch"]
    if repos.head(store, repo, branch) is None:
        raise Fault(404, f"branch does not exist [repo_id: {repo['id']} name: {branch}]")
    new = body.get("new_branch")
    if new and new != branch:
        repos.fork_branch(store, repo, branch, new)
        branch = new
    message = body.get("message") or _default_message(changes)
    author = access.need_user(request.user)
    return (
        repo,
        branch,
        pushes.push(store, repo, branch, changes, f"{message.strip()}\n", author, request.now),
    )


def _default_message(changes: list[Change]) -> str:
    words = {"create": "Add", "update": "Update", "upload": "Update", "delete": "Delete"}
    return "\n".join(f"{words[change.operation]} {change.path}" for change in changes)


def _commit(request: Request, repo: Any, revision: Any) -> dict[str, Any]:
    unsigned = {"verified": False, "reason": "gpg.error.not_signed_commit", "signature": "", "signer": None}
    return {
        "commit": git_shapes.commit_of_change(request.store, repo, revision),
        "verification": {**unsigned, "payload": ""},
    }


def _content(body: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(body.get("content") or "", validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise Fault(422, "illegal base64 data") from error


def _sha(body: dict[str, Any]) -> str:
    if not body.get("sha"):
        raise Fault(422, "[SHA]: Required")
    return str(body["sha"])
