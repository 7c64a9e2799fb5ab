"""How Gitea shows files and commits: the contents API and the push event."""

import base64
import json
from typing import Any

from practice.forge import accounts, repos
from practice.forge.shapes import NEVER, Shape, moment, repository, user
from practice.forge.store import Row, Store


def contents(store: Store, repo: Row, file: Row, branch: str) -> Shape:
    """One file."""
    full_name, path = repos.full_name(store, repo), file["path"]
    api, page = f"{store.url}/api/v1/repos/{full_name}", f"{store.url}/{full_name}"
    changed = moment(repos.revision(store, repo, file["revision"])["created"])
    itself = f"{api}/contents/{path}?ref={branch}"
    blob, source = f"{api}/git/blobs/{file['sha']}", f"{page}/src/branch/{branch}/{path}"
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": file["sha"],
        "last_commit_sha": file["revision"],
        "last_committer_date": changed,
        "last_author_date": changed,
        "type": "file",
        "size": len(file["content"]),
        "encoding": "base64",
        "content": base64.b64encode(file["content"]).decode(),
        "target": None,
        "url": itself,
        "html_url": source,
        "git_url": blob,
        "download_url": f"{page}/raw/branch/{branch}/{path}",
        "submodule_git_url": None,
        "_links": {"self": itself, "git": blob, "html": source},
    }


def folder(store: Store, repo: Row, inside: list[Row], path: str, branch: str) -> list[Shape]:
    """What lies right in it, without contents; a folder in it by its first file."""
    shown: dict[str, Shape] = {}
    for file in inside:
        name, _, deeper = file["path"].removeprefix(f"{path}/").partition("/")
        entry = contents(store, repo, file, branch) | {"encoding": None, "content": None}
        if deeper:
            entry |= {"name": name, "path": f"{path}/{name}", "type": "dir", "size": 0}
        shown.setdefault(name, entry)
    return list(shown.values())


def commit_of_change(store: Store, repo: Row, revision: Row) -> Shape:
    """The commit that a contents call has made."""
    full_name = repos.full_name(store, repo)
    api = f"{store.url}/api/v1/repos/{full_name}/git/commits"
    person = {**_person(store, revision), "date": moment(revision["created"])}
    person.pop("username")
    sha, parent = revision["sha"], revision["parent"]
    return {
        "url": f"{api}/{sha}",
        "sha": sha,
        "created": NEVER,
        "html_url": f"{store.url}/{full_name}/commit/{sha}",
        "author": person,
        "committer": person,
        "parents": [{"url": f"{api}/{parent}", "sha": parent, "created": NEVER}],
        "message": revision["message"],
        "tree": {
            "url": f"{store.url}/api/v1/repos/{full_name}/git/trees/{sha}",
            "sha": sha,
            "created": NEVER,
        },
    }


def push(store: Store, repo: Row, branch: str, revision: Row) -> Shape:
    """The push event: a webhook's body, and what a workflow sees as github.event."""
    page = f"{store.url}/{repos.full_name(store, repo)}"
    before, after = revision["parent"], revision["sha"]
    pusher = user(store, accounts.named_id(store, revision["author_id"]))
    commit = _commit(store, page, revision)
    return {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "after": after,
        "compare_url": f"{page}/compare/{before}...{after}",
        "commits": [commit],
        "total_commits": 1,
        "head_commit": commit,
        "repository": repository(store, repo, "owner"),
        "pusher": pusher,
        "sender": pusher,
    }


def _commit(store: Store, page: str, revision: Row) -> Shape:
    person = _person(store, revision)
    return {
        "id": revision["sha"],
        "message": revision["message"],
        "url": f"{page}/commit/{revision['sha']}",
        "author": person,
        "committer": person,
        "verification": None,
        "timestamp": moment(revision["created"]),
        **json.loads(revision["changes"]),
    }


def _person(store: Store, revision: Row) -> dict[str, Any]:
    author = accounts.named_id(store, revision["author_id"])
    return {"name": author["name"], "email": author["email"], "username": author["name"]}
