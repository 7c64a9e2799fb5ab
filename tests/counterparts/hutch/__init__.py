"""Hutch's server, over real sockets: projects of groups, their jobs, and runners that ask for one."""

import itertools
import secrets
from datetime import UTC, datetime

from tests.counterparts.small import Fault, Routes, SmallServer

routes = Routes()
OPEN = ("created", "pending", "running")


class World:
    """Everything that it knows, as plain rows."""

    def __init__(self):
        self.version, self.url = "17.5.0", ""
        self.tokens, self.groups, self.projects, self.jobs, self.runners = {}, {}, {}, {}, {}
        self.numbers = itertools.count(1)

    def group(self, name, owner):
        self.groups[name] = owner

    def project(self, group, name):
        path = f"{group}/{name}"
        self.projects[path] = {"id": next(self.numbers), "path_with_namespace": path, "group": group}
        return path

    def token(self, user):
        token = f"hpat-{secrets.token_hex(10)}"
        self.tokens[token] = user
        return token

    def push(self, path, jobs, file, user):
        """`jobs`: (name, tags, needed name). A newer one of the same file cancels the older ones."""
        for job in [job for job in self.jobs.values() if (job["path"], job["file"]) == (path, file) and file]:
            self.cancel(job["pipeline"])
        pipeline = {"id": next(self.numbers)}
        for name, tags, needs in jobs:
            self._add(path, name, tags, needs, pipeline, file, user)

    def _add(self, path, name, tags, needs, pipeline, file, user):
        number = next(self.numbers)
        self.jobs[number] = {
            "id": number,
            "name": name,
            "tag_list": tags,
            "needs": needs,
            "status": "created" if needs else "pending",
            "ref": "main",
            "pipeline": pipeline,
            "user": {"username": user},
            "commit": {"id": secrets.token_hex(20), "title": "Push"},
            "web_url": f"{self.url}/{path}/-/jobs/{number}",
            "created_at": now(),
            "started_at": None,
            "finished_at": None,
            "runner": None,
            "path": path,
            "file": file,
            "log": "",
        }

    def retry(self, job):
        """As a job of its own."""
        same = (job[part] for part in ("path", "name", "tag_list"))
        self._add(*same, "", job["pipeline"], job["file"], job["user"]["username"])

    def cancel(self, pipeline):
        for job in self.jobs.values():
            if job["pipeline"] == pipeline and job["status"] in OPEN:
                job.update(status="canceled", finished_at=now())

    def end(self, job, status):
        job.update(status=status, finished_at=now())
        after = {"success": "pending"}.get(status, "skipped")
        for other in self.jobs.values():
            if (
                other["pipeline"] == job["pipeline"]
                and other["needs"] == job["name"]
                and other["status"] == "created"
            ):
                other["status"] = after


def now():
    return datetime.now(UTC).isoformat()


def user(world, call):
    if call.token not in world.tokens:
        raise Fault(401, '{"message":"401 Unauthorized"}')
    return world.tokens[call.token]


def group(world, call):
    name, caller = call.parts["group"], user(world, call)
    if name not in world.groups:
        raise Fault(404, '{"message":"404 Group Not Found"}')
    if world.groups[name] != caller:
        raise Fault(403, '{"message":"403 Forbidden"}')
    return name


def page(call, rows):
    number, size = int(call.query["page"]), min(int(call.query["per_page"]), 100)
    return rows[(number - 1) * size : number * size]


def project(world, call):
    user(world, call)
    asked = call.parts["project"]
    found = [row for row in world.projects.values() if asked in (str(row["id"]), row["path_with_namespace"])]
    if not found:
        raise Fault(404, '{"message":"404 Project Not Found"}')
    return found[0]["path_with_namespace"]


def job_of(world, call):
    path, number = project(world, call), call.parts["job"]
    found = world.jobs.get(int(number)) if number.isdecimal() else None
    if found is None or found["path"] != path:
        raise Fault(404, '{"message":"404 Not Found"}')
    return found


@routes("GET", "/api/v4/version")
def version(world, call):
    user(world, call)
    return {"version": world.version, "enterprise": False}


@routes("GET", "/api/v4/user")
def myself(world, call):
    return {"username": user(world, call)}


@routes("GET", "/api/v4/groups/{group}")
def one_group(world, call):
    return {"name": group(world, call)}


@routes("GET", "/api/v4/groups/{group}/projects")
def projects(world, call):
    name = group(world, call)
    rows = [row for row in world.projects.values() if row["group"] == name]
    return page(call, rows) if "page" in call.query else rows


@routes("GET", "/api/v4/groups/{group}/runners")
def runners(world, call):
    name = group(world, call)
    rows = [row for row in world.runners.values() if row["group"] == name]
    return page(call, rows) if "page" in call.query else rows


@routes("POST", "/api/v4/user/runners")
def make_runner(world, call):
    if world.groups.get(call.json["group"]) != user(world, call):
        raise Fault(403, '{"message":"403 Forbidden"}')
    number = next(world.numbers)
    asked = {name: call.json[name] for name in ("group", "description", "tag_list")}
    world.runners[number] = {"id": number, "online": False, "token": secrets.token_hex(10), **asked}
    return 201, world.runners[number]


@routes("DELETE", "/api/v4/runners/{id}")
def remove_runner(world, call):
    user(world, call)
    number = call.parts["id"]
    if not number.isdecimal() or world.runners.pop(int(number), None) is None:
        raise Fault(404, '{"message":"404 Runner Not Found"}')
    return 204, None


@routes("GET", "/api/v4/projects/{project}/jobs")
def jobs(world, call):
    path = project(world, call)
    wanted = call.all.get("scope[]", [])
    return page(call, [job for job in world.jobs.values() if job["path"] == path and job["status"] in wanted])


@routes("GET", "/api/v4/projects/{project}/pipelines/{pipeline}/jobs")
def jobs_of_pipeline(world, call):
    path = project(world, call)
    rows = [job for job in world.jobs.values() if str(job["pipeline"]["id"]) == call.parts["pipeline"]]
    if not rows or rows[0]["path"] != path:
        raise Fault(404, '{"message":"404 Not Found"}')
    return page(call, rows)


@routes("GET", "/api/v4/projects/{project}/jobs/{job}")
def one_job(world, call):
    return job_of(world, call)


@routes("GET", "/api/v4/projects/{project}/jobs/{job}/trace")
def trace(world, call):
    return job_of(world, call)["log"]


@routes("POST", "/api/v4/projects/{project}/jobs/{job}/retry")
def retry(world, call):
    world.retry(job_of(world, call))
    return 201, {}


@routes("POST", "/api/v4/projects/{project}/pipelines/{pipeline}/cancel")
def cancel(world, call):
    project(world, call)
    world.cancel({"id": int(call.parts["pipeline"])})
    return {}


# Runners, with a token of their own


def runner_of(world, call):
    found = next((row for row in world.runners.values() if row["token"] == call.json["token"]), None)
    if found is None:
        raise Fault(403, '{"message":"403 Forbidden"}')
    return found


@routes("POST", "/api/v4/jobs/request")
def request(world, call):
    """The oldest job that has one of its tags at least and none that it lacks; a runner of a group takes one, ever."""
    asking = runner_of(world, call)
    asking["online"] = True
    for job in world.jobs.values():
        mine = world.projects[job["path"]]["group"] == asking["group"]
        if (
            mine
            and job["status"] == "pending"
            and job["tag_list"]
            and set(job["tag_list"]) <= set(asking["tag_list"])
        ):
            taker = {"id": asking["id"], "description": asking["description"]}
            job.update(status="running", started_at=now(), runner=taker)
            return 201, {"id": job["id"]}
    return 204, None


@routes("PATCH", "/api/v4/jobs/{id}/trace")
def say(world, call):
    runner_of(world, call)
    world.jobs[int(call.parts["id"])]["log"] += call.json["text"]
    return {}


@routes("PUT", "/api/v4/jobs/{id}")
def tell(world, call):
    runner_of(world, call)
    world.end(world.jobs[int(call.parts["id"])], call.json["state"])
    return {}


class Hutch(SmallServer):
    """One with a world of its own."""

    def __init__(self, home=None):
        super().__init__(World(), routes, "PRIVATE-TOKEN")
