"""A push: a commit, the runs it starts, the webhooks it triggers."""

from typing import Any

from practice.forge import repos, runs, shapes, workflows
from practice.forge.faults import Fault
from practice.forge.repos import Change
from practice.forge.shapes import git as git_shapes
from practice.forge.store import Row, Store
from practice.forge.webhooks import announce

SKIPPED = ("[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]")


def push(
    store: Store, repo: Row, branch: str, changes: list[Change], message: str, author: Row, now: float
) -> Row:
    """Commit the changes and start what they trigger; the new revision."""
    revision = repos.commit(store, repo, branch, changes, message, author, now)
    repo = store.require("repo", repo["id"])
    announce.push(store, repo, branch, revision, now)
    if any(word in message for word in SKIPPED):
        return revision
    payload = git_shapes.push(store, repo, branch, revision)
    trigger = runs.Trigger("push", f"refs/heads/{branch}", revision, author, payload, {})
    paths = [change.path for change in changes]
    for file in workflow_files(store, repo, branch):
        if _starts(file, branch, paths):
            runs.start(store, repo, file, trigger, now)
    return revision


def workflow_files(store: Store, repo: Row, branch: str) -> list[Row]:
    rows = repos.files(store, repo, branch, workflows.FOLDER)
    return [row for row in rows if row["path"].endswith(workflows.ENDINGS)]


def _starts(file: Row, branch: str, paths: list[str]) -> bool:
    """A file that is no workflow starts nothing; the repository's page says why."""
    try:
        parsed = workflows.parse(file["content"].decode("utf-8", "replace"))
    except workflows.Invalid:
        return False
    return workflows.started_by_push(parsed, branch, paths)


def dispatch(
    store: Store, repo: Row, name: str, ref: str, inputs: dict[str, str], actor: Row, now: float
) -> int:
    """Start a workflow that has `on: workflow_dispatch`; the run's id."""
    branch = ref.removeprefix("refs/heads/")
    head = repos.head(store, repo, branch)
    if head is None:
        raise Fault(404, f'ref "{ref}" doesn\'t exist')
    file = repos.file(store, repo, branch, f"{workflows.FOLDER}/{name}")
    if file is None:
        raise Fault(404, f'workflow "{name}" doesn\'t exist')
    try:
        filters = workflows.triggers(workflows.parse(file["content"].decode("utf-8", "replace")))
    except workflows.Invalid as error:
        raise Fault(422, str(error)) from error
    if "workflow_dispatch" not in filters:
        raise Fault(422, f"Workflow '{name}' has no workflow_dispatch event trigger")
    values = _inputs(filters["workflow_dispatch"].get("inputs"), inputs)
    revision = repos.revision(store, repo, head)
    payload = {
        "workflow": name,
        "ref": ref,
        "inputs": values,
        "repository": shapes.repository(store, repo, None),
        "sender": shapes.user(store, actor),
    }
    trigger = runs.Trigger("workflow_dispatch", f"refs/heads/{branch}", revision, actor, payload, values)
    return runs.start(store, repo, file, trigger, now)


def _inputs(declared: Any, given: dict[str, str]) -> dict[str, Any]:
    """A value for each declared input: the given one, or its default."""
    specs = declared if isinstance(declared, dict) else {}
    defaults = {key: spec.get("default", "") if isinstance(spec, dict) else "" for key, spec in specs.items()}
    return {key: given.get(key, default) for key, default in defaults.items()}
