"""What Forgejo has in other places than Gitea, or not at all: doors that stand before the practice forge's own."""

from practice.forge import access, cancels, jobs, protocol, runners, runs
from practice.forge.api import actions
from practice.forge.api.door import door as rest_door
from practice.forge.api.levels import ACTIONS, Level
from practice.forge.api.people import repository_of
from practice.forge.faults import Fault, Unrouted, not_found
from practice.forge.statuses import FINAL
from practice.forge.web import Answer, Door, Request, as_json, nothing
from tests.counterparts.forgejo import runners as own, shapes

NAMELESS = "[Name]: Required"
SHOWN = ("queued", "in_progress")
rest = Door(
    "/api/v1", rest_door.identify, rest_door.refuse, rest_door.allow, injects_faults=True, whole=False
)


def _absent(request: Request) -> Answer:
    raise Unrouted(404, "not found")


def _level(level: Level) -> None:
    base = f"{level.prefix}/actions"

    @rest.route("GET", f"{base}/runners/jobs", level.categories)
    def waiting(request: Request) -> Answer:
        """Those that wait or run, the newest first; `labels` are what a runner offers."""
        store, scope = request.store, level.scope(request)
        where = "status IN (?, ?) AND ? IN (0, owner_id) AND ? IN (0, repo_id)"
        rows = store.rows("job", where, *SHOWN, scope.owner_id, scope.repo_id)
        shown = [shapes.job(store, row) for row in reversed(rows)]
        if offered := request.parameter("labels"):
            shown = [job for job in shown if set(job["runs_on"]) <= set(offered.split(","))]
        return as_json(shown or None)

    @rest.route("GET", f"{base}/runners", level.categories)
    def listing(request: Request) -> Answer:
        rows = runners.of_scope(request.store, level.scope(request))
        return as_json([_shown(request, row) for row in rows])

    @rest.route("POST", f"{base}/runners", level.categories)
    def make(request: Request) -> Answer:
        scope, asked = level.scope(request), request.json()
        if not asked.get("name"):
            raise Fault(422, NAMELESS)
        told = str(asked["name"]), str(asked.get("description") or ""), bool(asked.get("ephemeral"))
        return as_json(own.make(request.store, scope, *told), 201)

    @rest.route("POST", f"{base}/runners/registration-token", level.categories)
    def old_way(request: Request) -> Answer:
        raise Unrouted(405, "method not allowed")

    @rest.route("DELETE", f"{base}/runners/{{runner}}", level.categories)
    def remove(request: Request) -> Answer:
        scope, number = level.scope(request), request.params["runner"]
        row = request.store.get("runner", int(number)) if number.isdecimal() else None
        if row is None or not runners.in_scope(row, scope):
            raise not_found(message=f"runner with ID {number}: resource does not exist")
        runners.remove(request.store, row["id"])
        return nothing()

    for path in ("jobs", "runs") if level.prefix != "/repos/{owner}/{repo}" else ("jobs", "jobs/{job}"):
        rest.route("GET", f"{base}/{path}", level.categories)(_absent)


def _shown(request: Request, row) -> dict:
    return shapes.runner(request.store, row, own.description(request.store, row), request.now)


@rest.route("GET", "/repositories/{id}", ("repository",))
def repository_by_number(request: Request) -> Answer:
    number = request.params["id"]
    row = request.store.get("repo", int(number)) if number.isdecimal() else None
    if row is None:
        raise not_found()
    access.need_repo_seen(request.store, row, access.need_user(request.user))
    return as_json(shapes.repository(request.store, row, "owner"))


@rest.route("GET", f"{actions.REPO}/runs/{{run}}", actions.READ)
def one_run(request: Request) -> Answer:
    return as_json(shapes.run(request.store, actions._run(request)))


@rest.route("GET", f"{actions.REPO}/runs/{{run}}/jobs", actions.READ)
def jobs_of_run(request: Request) -> Answer:
    run = actions._run(request)
    return as_json([shapes.job(request.store, row) for row in jobs.of_run(request.store, run["id"])])


@rest.route("POST", f"{actions.REPO}/runs/{{run}}/cancel", actions.READ)
def cancel(request: Request) -> Answer:
    run = actions._run(request)
    access.need_repo_writer(request.store, repository_of(request), request.user)
    if run["status"] not in FINAL:
        cancels.cancel(request.store, run, request.now)
    return nothing()


for path in ("rerun", "rerun-failed-jobs", "jobs/{job}/rerun"):
    rest.route("POST", f"{actions.REPO}/runs/{{run}}/{path}", actions.READ)(_absent)
for each in ACTIONS:
    _level(each)


# The pages of a person who is signed in

web = Door("/web", rest_door.identify, rest_door.refuse, lambda request, terms: None, whole=False)


@web.route("POST", "/{owner}/{repo}/actions/runs/{run}/rerun")
def rerun(request: Request) -> Answer:
    run = actions._run(request)
    runs.rerun(request.store, run, request.now)
    jobs.release_groups(request.store, run["repo_id"], request.now)
    return as_json({"ok": True})


# The runner protocol


def _refuse(request: Request, fault: Fault) -> Answer:
    if "Unauthenticated" in fault.message:
        return as_json({"code": "unauthenticated", "message": "unregistered runner"}, 401)
    return protocol.door.refuse(request, fault)


def fetch_task(request: Request, runner) -> dict:
    handle = str(request.json().get("handle") or "")
    task = own.fetch(request.store, runner, handle, request.now)
    return {"task": task} if task else {}


rpc = Door("/api/actions", protocol.door.identify, _refuse, protocol.door.allow, injects_faults=True)
for name, call, about_a_task in (
    ("Declare", protocol.declare, False),
    ("FetchTask", fetch_task, False),
    ("UpdateTask", protocol.update_task, True),
    ("UpdateLog", protocol.update_log, True),
):
    rpc.route("POST", f"{protocol.SERVICE}/{name}")(protocol._by_runner(call, about_a_task=about_a_task))

DOORS = [rest, rpc, web]
