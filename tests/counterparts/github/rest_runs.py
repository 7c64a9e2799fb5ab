"""Runs, jobs and logs of a repository. There is no list over a whole organisation."""

from functools import partial

from tests.counterparts.github import access, shapes
from tests.counterparts.github.errors import not_found
from tests.counterparts.github.routes import route

REPO = "/repos/{owner}/{repo}/actions"


def _repo(call, owner, repo, level="read"):
    return access.repo(call.world, call.who, f"{owner}/{repo}", f"actions:{level}")


def _run(call, owner, repo, run, level="read"):
    there = _repo(call, owner, repo, level)
    found = call.world.runs.get(int(run)) if run.isdigit() else None
    if found is None or found.repo is not there:
        raise not_found()
    return found


def _job(call, owner, repo, job, level="read"):
    there = _repo(call, owner, repo, level)
    found = call.world.jobs.get(int(job)) if job.isdigit() else None
    if found is None or found.run.repo is not there:
        raise not_found()
    return found


@route("GET", REPO + "/runs")
def runs(call, owner, repo):
    """The newest first; `status` is one status, or a conclusion."""
    found = _repo(call, owner, repo)
    there = found.runs[::-1]
    if wanted := call.query.get("status"):
        there = [one for one in there if one.status == wanted]
    told = call.page(there, partial(shapes.run, call.base))
    return 200, {"total_count": len(there), "workflow_runs": told}


@route("GET", REPO + "/runs/{run}")
def run(call, owner, repo, run):
    return 200, shapes.run(call.base, _run(call, owner, repo, run))


@route("GET", REPO + "/runs/{run}/jobs")
def newest_jobs(call, owner, repo, run):
    """Of its newest attempt, unless all are asked for."""
    found = _run(call, owner, repo, run)
    there = found.jobs if call.query.get("filter", "latest") == "all" else found.current()
    return 200, {"total_count": len(there), "jobs": call.page(there, partial(shapes.job, call.base))}


@route("GET", REPO + "/runs/{run}/attempts/{attempt}/jobs")
def jobs(call, owner, repo, run, attempt):
    there = [one for one in _run(call, owner, repo, run).jobs if str(one.attempt) == attempt]
    return 200, {"total_count": len(there), "jobs": call.page(there, partial(shapes.job, call.base))}


@route("GET", REPO + "/jobs/{job}")
def job(call, owner, repo, job):
    return 200, shapes.job(call.base, _job(call, owner, repo, job))


@route("GET", REPO + "/jobs/{job}/logs")
def logs(call, owner, repo, job):
    """Not before its end; then at an address of another server, which is signed and needs no token."""
    found = _job(call, owner, repo, job)
    if found.status != "completed" or not found.log:
        raise not_found()
    call.headers["Location"] = f"{call.base}/_blobs/{found.id}?sig=abc%2Bdef"
    return 302, None


@route("POST", REPO + "/jobs/{job}/rerun")
def rerun(call, owner, repo, job):
    found = _job(call, owner, repo, job, "write")
    call.github.actions.rerun(found.run, found)
    return 201, {}


@route("POST", REPO + "/runs/{run}/cancel")
def cancel(call, owner, repo, run):
    call.github.actions.cancel(_run(call, owner, repo, run, "write"))
    return 202, {}
