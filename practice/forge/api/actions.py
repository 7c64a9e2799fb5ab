"""Runs and jobs: lists at all four levels, single ones in their repository, and what changes them."""

import re

from practice.forge import access, cancels, jobs, pushes, repos, runs, settings, tasks, workflows
from practice.forge.api.door import door, number, page_of
from practice.forge.api.levels import ACTIONS, Level
from practice.forge.api.people import repository_of
from practice.forge.api.ranges import ranged
from practice.forge.faults import Fault, Unrouted, not_found
from practice.forge.runners import Scope
from practice.forge.shapes import runs as run_shapes
from practice.forge.statuses import FINAL, QUERIES
from practice.forge.store import Row, Store
from practice.forge.web import Answer, Request, as_json, nothing

REPO = "/repos/{owner}/{repo}/actions"
READ = ("repository",)


def _routes(level: Level) -> None:
    @door.route("GET", f"{level.prefix}/actions/jobs", level.categories)
    def list_jobs(request: Request) -> Answer:
        where, values = _where(level.scope(request), "owner_id")
        return _jobs(request, where, values)

    @door.route("GET", f"{level.prefix}/actions/runs", level.categories)
    def list_runs(request: Request) -> Answer:
        owner = "(SELECT owner_id FROM repo WHERE repo.id = repo_id)"
        where, values = _where(level.scope(request), owner)
        where, values = _with_status(request, where, values)
        for name, column in (("event", "event"), ("head_sha", "sha")):
            if wanted := request.parameter(name):
                where, values = f"{where} AND {column} = ?", [*values, wanted]
        if branch := request.parameter("branch"):
            where, values = f"{where} AND ref = ?", [*values, f"refs/heads/{branch}"]
        rows, total = _page(request, "run", where, values)
        shown = [run_shapes.run(request.store, row) for row in rows]
        return as_json({"workflow_runs": shown, "total_count": total})


def _where(scope: Scope, owner: str) -> tuple[str, list[str | int]]:
    if scope.owner_id:
        return f"{owner} = ?", [scope.owner_id]
    return ("repo_id = ?", [scope.repo_id]) if scope.repo_id else ("1", [])


def _with_status(request: Request, where: str, values: list[str | int]) -> tuple[str, list[str | int]]:
    wanted: list[str] = []
    for status in request.query.get("status", []):
        if status not in QUERIES:
            raise Fault(400, f"Invalid status {status}")
        wanted += QUERIES[status]
    marks = ", ".join("?" * len(wanted))
    return (f"{where} AND status IN ({marks})", [*values, *wanted]) if wanted else (where, values)


def _page(request: Request, table: str, where: str, values: list[str | int]) -> tuple[list[Row], int]:
    """The rows of the requested page, by id, and their total number."""
    ids = request.store.ids(table, where, *values)
    return [request.store.require(table, row_id) for row_id in page_of(request, ids)], len(ids)


def _jobs(request: Request, where: str, values: list[str | int]) -> Answer:
    where, values = _with_status(request, where, values)
    rows, total = _page(request, "job", where, values)
    return as_json({"jobs": [run_shapes.job(request.store, row) for row in rows], "total_count": total})


def _job(request: Request) -> Row:
    repo, job = repository_of(request), request.store.get("job", number(request, "job"))
    access.need_user(request.user)
    if job is None or job["repo_id"] != repo["id"]:
        raise not_found("resource does not exist")
    return job


def _run(request: Request) -> Row:
    repo, run = repository_of(request), request.store.get("run", number(request, "run"))
    access.need_user(request.user)
    if run is None or run["repo_id"] != repo["id"]:
        raise not_found("resource does not exist")
    return run


@door.route("GET", f"{REPO}/jobs/{{job}}", READ)
def one_job(request: Request) -> Answer:
    return as_json(run_shapes.job(request.store, _job(request)))


@door.route("GET", f"{REPO}/jobs/{{job}}/logs", READ)
def logs(request: Request) -> Answer:
    """Plain text; 404 before the first line. A job that does not exist is a 500 in Gitea."""
    if request.store.get("job", number(request, "job")) is None:
        raise Fault(500)
    job = _job(request)
    if not job["task_id"]:
        raise not_found("job not started")
    text = tasks.log_text(request.store, job["task_id"])
    if not text:
        raise not_found("file does not exist")
    name = f"{workflow_stem(request.store, job)}-{job['name']}-{job['task_id']}.log"
    headers = {"Content-Disposition": f'attachment; filename="{_header_safe(name)}"'}
    answer = Answer(200, text.encode(), "text/plain; charset=utf-8", headers)
    return ranged(answer, request.headers.get("range", ""))


def workflow_stem(store: Store, job: Row) -> str:
    return str(store.require("run", job["run_id"])["workflow"]).split(".", 1)[0]


def _header_safe(name: str) -> str:
    return re.sub(r'[^ -~]|"', "_", name)


@door.route("GET", f"{REPO}/runs/{{run}}", READ)
def one_run(request: Request) -> Answer:
    return as_json(run_shapes.run(request.store, _run(request)))


@door.route("GET", f"{REPO}/runs/{{run}}/jobs", READ)
def jobs_of_run(request: Request) -> Answer:
    """None, and no 404, where there is no such run."""
    access.need_user(request.user)
    repo = repository_of(request)
    return _jobs(request, f"repo_id = ? AND {jobs.NEWEST}", [repo["id"], number(request, "run")])


@door.route("DELETE", f"{REPO}/runs/{{run}}", READ)
def delete_run(request: Request) -> Answer:
    run = _run(request)
    access.need_repo_writer(request.store, repository_of(request), request.user)
    runs.delete(request.store, run)
    return nothing()


@door.route("POST", f"{REPO}/runs/{{run}}/cancel", READ)
def cancel(request: Request) -> Answer:
    """Of Gitea's next versions; up to 1.27 only its web session has this."""
    run = _run(request)
    access.need_repo_writer(request.store, repository_of(request), request.user)
    if run["status"] in FINAL:
        raise Fault(409, "this workflow run is already done")
    cancels.cancel(request.store, run, request.now)
    return as_json({"ok": True})


def _need_rerun(request: Request) -> None:
    """Of Gitea 1.26; before, only its web session has it."""
    if not settings.at_least(request.store, 1, 26):
        raise Unrouted(404, "not found")


@door.route("POST", f"{REPO}/runs/{{run}}/rerun", READ)
def rerun(request: Request) -> Answer:
    _need_rerun(request)
    run = _run(request)
    access.need_repo_writer(request.store, repository_of(request), request.user)
    runs.rerun(request.store, run, request.now)
    jobs.release_groups(request.store, run["repo_id"], request.now)
    return as_json({"ok": True})


@door.route("POST", f"{REPO}/runs/{{run}}/jobs/{{job}}/rerun", READ)
def rerun_job(request: Request) -> Answer:
    """One job, and those that need it."""
    _need_rerun(request)
    run, job = _run(request), _job(request)
    access.need_repo_writer(request.store, repository_of(request), request.user)
    if job["run_id"] != run["id"]:
        raise not_found("resource does not exist")
    if job not in jobs.of_run(request.store, run["id"]):
        raise Fault(400, f'job "{job["key"]}" does not exist in the latest attempt')
    runs.rerun(request.store, run, request.now, job["key"])
    jobs.release_groups(request.store, run["repo_id"], request.now)
    return as_json(run_shapes.job(request.store, request.store.require("job", job["id"])))


@door.route("GET", f"{REPO}/workflows", READ)
def list_workflows(request: Request) -> Answer:
    repo = repository_of(request)
    access.need_user(request.user)
    rows = pushes.workflow_files(request.store, repo, repo["default_branch"])
    shown = [run_shapes.workflow(request.store, repo, row) for row in rows]
    return as_json({"workflows": shown, "total_count": len(rows)})


@door.route("GET", f"{REPO}/workflows/{{workflow}}", READ)
def one_workflow(request: Request) -> Answer:
    repo, name = repository_of(request), request.params["workflow"]
    access.need_user(request.user)
    file = repos.file(request.store, repo, repo["default_branch"], f"{workflows.FOLDER}/{name}")
    if file is None:
        raise not_found(f'workflow "{name}" not found')
    return as_json(run_shapes.workflow(request.store, repo, file))


@door.route("POST", f"{REPO}/workflows/{{workflow}}/dispatches", READ)
def dispatch(request: Request) -> Answer:
    repo, body = repository_of(request), request.json()
    access.need_repo_writer(request.store, repo, request.user)
    if not body.get("ref"):
        raise Fault(422, "[Ref]: Required")
    user = access.need_user(request.user)
    inputs = {str(name): str(value) for name, value in (body.get("inputs") or {}).items()}
    pushes.dispatch(request.store, repo, request.params["workflow"], body["ref"], inputs, user, request.now)
    return nothing()


for each in ACTIONS:
    _routes(each)
