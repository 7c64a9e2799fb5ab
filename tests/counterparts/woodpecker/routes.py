"""Woodpecker's API as far as Farmhand uses it, its agents' side, and how it shows things; as recorded."""

import base64
import time

from tests.counterparts.small import Fault, Routes
from tests.counterparts.woodpecker.world import OPEN

routes = Routes()
NOT_CANCELLED = "Cannot cancel a non-running or non-pending or non-blocked pipeline"
PAGE = 50


def user(world, call):
    if call.token not in world.tokens:
        raise Fault(401, "User not authorized")
    return world.tokens[call.token]


def admin(world, call):
    person = user(world, call)
    if not person.admin:
        raise Fault(403, "User not authorized")
    return person


def paged(call, rows):
    """Never more than 50; null for none."""
    page, size = int(call.query.get("page", 1)), min(int(call.query.get("perPage", PAGE)), PAGE)
    return list(rows)[(page - 1) * size : page * size] or None


@routes("GET", "/version")
def version(world, call):
    return {"source": "https://github.com/woodpecker-ci/woodpecker", "version": world.version}


@routes("GET", "/api/user")
def myself(world, call):
    person = user(world, call)
    return {"id": person.id, "forge_id": 1, "login": person.login, "admin": person.admin, "org_id": person.id}


@routes("GET", "/api/orgs/lookup/{name*}")
def look_up_org(world, call):
    """An unknown token ends in an error of the server."""
    if call.token not in world.tokens:
        raise Fault(500)
    if call.parts["name"] not in world.orgs:
        raise Fault(404)
    return {"id": world.orgs[call.parts["name"]], "forge_id": 1, "name": call.parts["name"], "is_user": False}


@routes("GET", "/api/repos/lookup/{name*}")
def look_up_repo(world, call):
    user(world, call)
    if call.parts["name"] not in world.repos:
        raise Fault(404)
    repo = world.repos[call.parts["name"]]
    return {"id": repo.id, "org_id": repo.org_id, "full_name": repo.full_name, "active": True}


# The queue


@routes("GET", "/api/queue/info")
def queue(world, call):
    admin(world, call)
    states = ("pending", "waiting_on_deps", "running")
    shown = {state: [_task(world, *each) for each in world.tasks(state)] for state in states}
    counts = {f"{state}_count": len(tasks) for state, tasks in shown.items()}
    return {**shown, "stats": {"worker_count": 0, **counts}, "paused": world.paused}


def _task(world, pipeline, workflow):
    agent = world.agents.get(workflow.agent_id)
    return {
        "id": str(workflow.id),
        "pid": workflow.pid,
        "name": workflow.name,
        "labels": world.labels(pipeline, workflow),
        "dependencies": None,
        "run_on": None,
        "dep_status": {},
        "agent_id": workflow.agent_id,
        "pipeline_id": pipeline.id,
        "repo_id": pipeline.repo.id,
        "concurrency_limit": 0,
        "concurrency_group": "",
        "created": pipeline.created,
        "pipeline_number": pipeline.number,
        "agent_name": agent.name if agent else "",
    }


# Pipelines


def _pipeline_of(world, call):
    user(world, call)
    number = call.parts["number"]
    found = world.pipelines.get((int(call.parts["repo"]), int(number) if number.isdecimal() else 0))
    if found is None:
        raise Fault(404)
    return found


@routes("GET", "/api/repos/{repo}/pipelines/{number}")
def pipeline(world, call):
    return _shown(_pipeline_of(world, call))


def _shown(pipeline):
    began = [workflow.started for workflow in pipeline.workflows if workflow.started]
    return {
        "id": pipeline.id,
        "number": pipeline.number,
        "author": pipeline.sender,
        "parent": pipeline.parent,
        "event": "push",
        "event_reason": None,
        "status": pipeline.status,
        "errors": None,
        "created": pipeline.created,
        "updated": pipeline.created,
        "started": min(began, default=0),
        "finished": 0,
        "commit": pipeline.commit,
        "branch": "main",
        "ref": "refs/heads/main",
        "title": "",
        "message": "Push\n\nwith more to say\n",
        "sender": pipeline.sender,
        "workflows": [_workflow(pipeline, workflow) for workflow in pipeline.workflows],
    }


def _workflow(pipeline, workflow):
    """What is not set is left out."""
    times = {"started": workflow.started, "finished": workflow.finished}
    shown = {"agent_id": workflow.agent_id, **times}
    step = {"id": workflow.id, "pid": 2, "ppid": 1, "name": "echo hello", "state": workflow.state, **times}
    return {
        "id": workflow.id,
        "pipeline_id": pipeline.id,
        "pid": workflow.pid,
        "name": workflow.name,
        "state": workflow.state,
        **{name: value for name, value in shown.items() if value},
        "children": [{name: value for name, value in step.items() if value}],
    }


@routes("POST", "/api/repos/{repo}/pipelines/{number}")
def again(world, call):
    return _shown(world.again(_pipeline_of(world, call), user(world, call).login))


@routes("POST", "/api/repos/{repo}/pipelines/{number}/cancel")
def cancel(world, call):
    found = _pipeline_of(world, call)
    if found.status not in OPEN:
        raise Fault(400, NOT_CANCELLED)
    world.cancel(found)
    return 204, None


@routes("GET", "/api/repos/{repo}/logs/{number}/{step}")
def log(world, call):
    step = next(
        (each for each in _pipeline_of(world, call).workflows if str(each.id) == call.parts["step"]), None
    )
    if step is None:
        raise Fault(404)
    lines = [
        {
            "id": n,
            "step_id": step.id,
            "time": n,
            "line": n,
            "data": base64.b64encode(text.encode()).decode(),
            "type": 0,
        }
        for n, text in enumerate(step.lines)
    ]
    return lines or None


# Agents


def _agent(agent):
    return {
        "id": agent.id,
        "created": 1795508744,
        "updated": 1795508744,
        "name": agent.name,
        "owner_id": agent.owner_id,
        "token": agent.token,
        "last_contact": agent.last_contact,
        "last_work": 0,
        "platform": "",
        "backend": "",
        "capacity": 0,
        "version": "",
        "no_schedule": agent.no_schedule,
        "custom_labels": agent.labels,
        "org_id": agent.org_id,
    }


def _agent_of(world, call):
    admin(world, call)
    number = call.parts["agent"]
    if not number.isdecimal() or int(number) not in world.agents:
        raise Fault(404)
    return world.agents[int(number)]


@routes("GET", "/api/agents")
def agents(world, call):
    admin(world, call)
    return paged(call, map(_agent, world.agents.values()))


@routes("POST", "/api/agents")
def make_agent(world, call):
    return _agent(world.agent(call.json.get("name", ""), admin(world, call)))


@routes("GET", "/api/orgs/{org}/agents")
def agents_of_org(world, call):
    admin(world, call)
    own = [agent for agent in world.agents.values() if str(agent.org_id) == call.parts["org"]]
    return paged(call, map(_agent, own))


@routes("POST", "/api/orgs/{org}/agents")
def make_agent_of_org(world, call):
    return _agent(world.agent(call.json.get("name", ""), admin(world, call), int(call.parts["org"])))


@routes("GET", "/api/agents/{agent}")
def agent(world, call):
    return _agent(_agent_of(world, call))


@routes("PATCH", "/api/agents/{agent}")
def change_agent(world, call):
    """What is left out is emptied."""
    found = _agent_of(world, call)
    found.name, found.no_schedule = call.json.get("name", ""), bool(call.json.get("no_schedule"))
    return _agent(found)


@routes("DELETE", "/api/agents/{agent}")
def remove_agent(world, call):
    found = _agent_of(world, call)
    if any(workflow.agent_id == found.id for _, workflow in world.tasks("running")):
        raise Fault(409, "Agent has running tasks")
    del world.agents[found.id]
    return 204, None


# The agents' own side


def _speaker(world, call):
    found = next((agent for agent in world.agents.values() if agent.token == call.json["token"]), None)
    if found is None:
        raise Fault(401, "individual agent not found by token")
    return found


@routes("POST", "/_agent/next")
def next_workflow(world, call):
    """It says its name and labels, which are taken over, and gets a workflow where one fits."""
    speaker = _speaker(world, call)
    speaker.name, speaker.labels, speaker.last_contact = (
        call.json["hostname"],
        call.json["labels"],
        int(time.time()),
    )
    if speaker.no_schedule or world.paused:
        return {"id": 0}
    for found, workflow in world.tasks("pending"):
        if workflow.lost:
            continue  # the server drops it as stale, and nobody gets it
        if world.fits(speaker, found, workflow):
            workflow.state, workflow.agent_id, workflow.started = "running", speaker.id, int(time.time())
            return {"id": workflow.id}
    return {"id": 0}


@routes("POST", "/_agent/say")
def say(world, call):
    speaker = _speaker(world, call)
    for _, workflow in world.tasks("running"):
        if workflow.agent_id == speaker.id:
            workflow.lines += call.json["lines"]
    return {}


@routes("POST", "/_agent/done")
def done(world, call):
    speaker = _speaker(world, call)
    for found, workflow in world.tasks("running"):
        if workflow.agent_id == speaker.id:
            workflow.state, workflow.finished = call.json["state"], int(time.time())
            world.settle(found)
    return {}
