"""The runner protocol: Connect unary calls with JSON, as a Gitea runner speaks it."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from practice.forge import jobs, runners, tasks
from practice.forge.faults import Fault
from practice.forge.shapes import tasks as task_shapes
from practice.forge.statuses import FINAL
from practice.forge.store import Row, Store
from practice.forge.web import Answer, Door, Request, as_json
from practice.forge.webhooks import announce

RESULTS = ("UNSPECIFIED", "SUCCESS", "FAILURE", "CANCELLED", "SKIPPED")
Message = dict[str, Any]


def _refuse(request: Request, fault: Fault) -> Answer:
    """Gitea answers every error with 500 and the gRPC status inside the text."""
    status = fault.status if fault.status in (404, 405, 415) else 500
    return as_json({"code": "unknown", "message": fault.message}, status)


def _json_only(request: Request) -> None:
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        raise Fault(415, "this forge speaks application/json only")


def _allow(request: Request, terms: None) -> None:
    """Each call looks for its runner itself."""


door = Door("/api/actions", _json_only, _refuse, _allow, injects_faults=True)
SERVICE = "/runner.v1.RunnerService"


def fail(code: str, description: str) -> Fault:
    return Fault(500, f"rpc error: code = {code} desc = {description}")


@door.route("POST", "/ping.v1.PingService/Ping")
def ping(request: Request) -> Answer:
    return as_json({"data": f"Hello, {request.json().get('data', '')}!"})


@door.route("POST", f"{SERVICE}/Register")
def register(request: Request) -> Answer:
    message, store = request.json(), request.store
    if not message.get("token") or not message.get("name"):
        raise Fault(500, "missing runner token, name")
    scope = runners.scope_of_registration(store, message["token"])
    if scope is None:
        raise Fault(500, "runner registration token not found")
    made = runners.register(
        store, scope, message["name"], _labels(message), version=message.get("version", ""),
        ephemeral=bool(message.get("ephemeral")),
    )  # fmt: skip
    shape = _runner(made.row, made.token) | ({"ephemeral": True} if made.row["ephemeral"] else {})
    return as_json({"runner": shape})


def _labels(message: Message) -> list[str]:
    return [str(label) for label in message.get("labels") or message.get("agentLabels") or []]


def _runner(row: Row, token: str = "") -> Message:
    shape = {
        "id": str(row["id"]),
        "uuid": row["uuid"],
        "token": token,
        "name": row["name"],
        "version": row["version"],
        "labels": json.loads(row["labels"]),
    }
    return {name: value for name, value in shape.items() if value}


def _by_runner(call: Callable[[Request, Row], Message], *, about_a_task: bool) -> Callable[[Request], Answer]:
    """Authenticate the runner; each call keeps it online."""

    def handler(request: Request) -> Answer:
        headers = request.headers
        row = runners.authenticate(
            request.store, headers.get("x-runner-uuid", ""), headers.get("x-runner-token", "")
        )
        if row is None:
            raise fail("Unauthenticated", "unregistered runner")
        runners.mark_online(request.store, row, request.now, about_a_task=about_a_task)
        return as_json(call(request, row))

    return handler


def declare(request: Request, runner: Row) -> Message:
    message = request.json()
    runners.declare(request.store, runner, message.get("version", ""), _labels(message))
    return {"runner": _runner(request.store.require("runner", runner["id"]))}


def fetch_task(request: Request, runner: Row) -> Message:
    """Answers at once. Looks for a job only when the runner's tasks version is not the newest."""
    store, scope = request.store, runners.Scope(runner["owner_id"], runner["repo_id"])
    newest = jobs.tasks_version(store, scope)
    if newest == 0:
        jobs.raise_tasks_version(store, scope.owner_id, scope.repo_id)
        newest = jobs.tasks_version(store, scope)
    known = _number(request.json(), "tasksVersion")
    task = tasks.claim(store, runner, request.now) if known != newest else None
    found = {"task": task_shapes.task(store, task)} if task else {}
    return {**found, "tasksVersion": str(newest)}


def update_task(request: Request, runner: Row) -> Message:
    """The task's state; the answer has the forge's own view of it, such as cancelled."""
    message, store = request.json(), request.store
    state = message.get("state") or {}
    task = _own_task(store, runner, _number(state, "id"), "update task")
    was_open = task["status"] not in FINAL
    if was_open:
        _take_state(store, task, state, request.now)
        task = store.require("task", task["id"])
    for name, value in (message.get("outputs") or {}).items():
        store.run("INSERT OR IGNORE INTO output VALUES (?, ?, ?)", task["id"], str(name), str(value))
    if task["status"] in FINAL:
        announce.job(store, task["job_id"], request.now, steps=was_open)
    if _result(state) != "unspecified":
        jobs.settle(store, store.require("job", task["job_id"])["run_id"], request.now)
    result = {"result": f"RESULT_{task['status'].upper()}"} if task["status"] in FINAL else {}
    sent = list(tasks.outputs(store, task["id"]))
    return {"state": {"id": str(task["id"]), **result}} | ({"sentOutputs": sent} if sent else {})


def _own_task(store: Store, runner: Row, task_id: int, what: str) -> Row:
    task = store.get("task", task_id)
    if task is None:
        raise fail("Internal", f"{what}: resource does not exist")
    if task["runner_id"] != runner["id"]:
        raise fail("Internal", f"{what}: invalid runner for task")
    return task


def _take_state(store: Store, task: Row, state: Message, now: float) -> None:
    for step in state.get("steps") or []:
        started, stopped = _seconds(step.get("startedAt")), _seconds(step.get("stoppedAt"))
        result = _result(step)
        status = result if result != "unspecified" else ("in_progress" if started else "waiting")
        sql = "UPDATE step SET status = ?, started = ?, stopped = ? WHERE task_id = ? AND number = ?"
        store.run(sql, status, started, stopped, task["id"], _number(step, "id"))
    if (result := _result(state)) != "unspecified":
        tasks.finish(store, task, result, _seconds(state.get("stoppedAt")) or now, now)
    else:
        store.update("task", task["id"], updated=now)


def update_log(request: Request, runner: Row) -> Message:
    """Lines may come twice: only those behind the last known one are kept."""
    message, store = request.json(), request.store
    task = _own_task(store, runner, _number(message, "taskId"), "get task")
    rows = [(str(row.get("time", "")), str(row.get("content", ""))) for row in message.get("rows") or []]
    length = tasks.add_log(store, task, _number(message, "index"), rows)
    return {"ackIndex": str(length)} if length else {}


for name, call, about_a_task in (
    ("Declare", declare, False),
    ("FetchTask", fetch_task, False),
    ("UpdateTask", update_task, True),
    ("UpdateLog", update_log, True),
):
    door.route("POST", f"{SERVICE}/{name}")(_by_runner(call, about_a_task=about_a_task))


def _number(message: Message, name: str) -> int:
    """An int64, which JSON may hold as text or number; 0 when it is left out."""
    try:
        return int(message.get(name) or 0)
    except (TypeError, ValueError) as error:
        raise Fault(500, f"{name} is no number") from error


def _result(message: Message) -> str:
    """A result's name in lower case, from its name or its number."""
    result = message.get("result") or 0
    word = RESULTS[result] if isinstance(result, int) and result < len(RESULTS) else str(result)
    return word.removeprefix("RESULT_").lower()


def _seconds(text: str | None) -> float:
    if not text:
        return 0.0
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError as error:
        raise Fault(500, f"{text} is no time") from error
