"""Pull requests: a branch that wants to go into another, what it changes, and its merge."""

from dataclasses import dataclass

from practice.forge import pushes, repos
from practice.forge.faults import Fault, not_found
from practice.forge.repos import Change
from practice.forge.store import Row, Store


@dataclass(frozen=True, slots=True)
class Changed:
    """A file that differs, before and after."""

    path: str
    old: Row | None
    new: Row


def add(store: Store, repo: Row, head: str, base: str, title: str, body: str, author: Row, now: float) -> Row:
    """A new pull request. One of the same two branches may be open only once."""
    for branch in (head, base):
        if repos.head(store, repo, branch) is None:
            raise not_found(f"branch does not exist [name: {branch}]")
    if not title:
        raise Fault(422, "[Title]: Required")
    existing = store.rows(
        "pull", "repo_id = ? AND head = ? AND base = ? AND merged = 0", repo["id"], head, base
    )
    if existing:
        details = f"id: {existing[0]['id']}, head_branch: {head}, base_branch: {base}"
        raise Fault(409, f"pull request already exists for these targets [{details}]")
    number = 1 + (store.value("SELECT MAX(number) FROM pull WHERE repo_id = ?", repo["id"]) or 0)
    columns = {"number": number, "repo_id": repo["id"], "head": head, "base": base, "title": title[:255]}
    made = store.insert("pull", **columns, body=body, author_id=author["id"], created=now)
    return store.require("pull", made)


def numbered(store: Store, repo: Row, number: str) -> Row:
    found = store.one("SELECT * FROM pull WHERE repo_id = ? AND number = ?", repo["id"], number)
    if found is None:
        raise not_found()
    return found


def changed(store: Store, repo: Row, pull: Row) -> list[Changed]:
    """What the merge would write. As much of git as it takes here: a branch's files win over those of its base."""
    pairs = [
        (repos.file(store, repo, pull["base"], new["path"]), new)
        for new in repos.files(store, repo, pull["head"])
    ]
    return [Changed(new["path"], old, new) for old, new in pairs if old is None or old["sha"] != new["sha"]]


def merge(store: Store, repo: Row, pull: Row, by: Row, now: float) -> None:
    """One push to its base, which starts what that starts."""
    if pull["merged"]:
        raise Fault(405, "The pull request has been merged already")
    changes = [Change("upload", one.path, one.new["content"]) for one in changed(store, repo, pull)]
    store.update("pull", pull["id"], merged=now)
    if changes:
        message = f"Merge “{pull['title']}” (#{pull['number']})\n"
        pushes.push(store, repo, pull["base"], changes, message, by, now)
