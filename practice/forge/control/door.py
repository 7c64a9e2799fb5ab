"""The practice-only control: make people and places, change behaviour, see what was sent."""

import hmac
import json
from collections import Counter
from functools import partial
from typing import Any

from practice.forge import accounts, repos, runs, settings, shapes
from practice.forge.control.fault_injection import FaultInjection
from practice.forge.faults import Fault
from practice.forge.store import Row
from practice.forge.web import Answer, Door, Request, as_json, nothing
from practice.forge.webhooks import postman


def control_door(control_token: str, injected: Counter[str]) -> Door:
    """The door below /practice, for holders of the control token; `injected` counts the faults of the server."""
    identify = partial(_identify, control_token)
    # Not all below it: the organization `practice` has pages there too.
    door = Door("/practice", identify, _refuse, _allow, whole=False)
    for method, path, handler in (*FaultInjection(injected).routes(), *ROUTES):
        door.route(method, path)(handler)
    return door


def _identify(control_token: str, request: Request) -> None:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), control_token.encode()):
        raise Fault(401, "the control token of forge.json is needed: Authorization: Bearer …")


def _refuse(request: Request, fault: Fault) -> Answer:
    return as_json({"message": fault.message}, fault.status)


def _allow(request: Request, terms: None) -> None:
    """The token allows everything."""


def get_settings(request: Request) -> Answer:
    """version, zombie_timeout, online_timeout, concurrency."""
    return as_json(settings.read(request.store, settings.BEHAVIOUR))


def change_settings(request: Request) -> Answer:
    """Any of them; the answer is all."""
    settings.change(request.store, settings.BEHAVIOUR, request.json())
    return get_settings(request)


def add_user(request: Request) -> Answer:
    """{"name", "email"?, "site_admin"?}"""
    body = request.json()
    user = accounts.add_user(
        request.store, _text(body, "name"), request.now, email=body.get("email", ""),
        site_admin=bool(body.get("site_admin")),
    )  # fmt: skip
    return as_json(shapes.user(request.store, user, myself=True), 201)


def add_org(request: Request) -> Answer:
    """{"name", "owner", "visibility"?: public, limited or private}"""
    body, store = request.json(), request.store
    owner = accounts.named(store, _text(body, "owner"), "user")
    visibility = body.get("visibility", "public")
    if visibility not in ("public", "limited", "private"):
        raise Fault(422, "visibility is public, limited or private")
    org = accounts.add_org(store, _text(body, "name"), owner, request.now, visibility=visibility)
    return as_json(shapes.organization(store, org), 201)


def set_member(request: Request) -> Answer:
    """{"user", "role": owner, admin, write or read}: the best team that the user is in."""
    body, store = request.json(), request.store
    org = accounts.named(store, request.params["org"], "organization")
    accounts.set_member(store, org, accounts.named(store, _text(body, "user"), "user"), _text(body, "role"))
    return nothing()


def add_repo(request: Request) -> Answer:
    """{"owner", "name", "private"?, "default_branch"?}"""
    body, store = request.json(), request.store
    owner = store.one("SELECT * FROM account WHERE name = ?", _text(body, "owner"))
    if owner is None:
        raise Fault(404, f"there is no {body['owner']}")
    repo = repos.add(
        store, owner, _text(body, "name"), request.now, private=bool(body.get("private")),
        branch=body.get("default_branch") or "main",
    )  # fmt: skip
    return as_json(shapes.repository(store, repo, "owner"), 201)


def set_collaborator(request: Request) -> Answer:
    """{"user", "role": admin, write or read}"""
    body, store = request.json(), request.store
    repo = repos.named(store, request.params["owner"], request.params["repo"])
    repos.set_collaborator(
        store, repo, accounts.named(store, _text(body, "user"), "user"), _text(body, "role")
    )
    return nothing()


def add_token(request: Request) -> Answer:
    """{"user", "scopes": ["read:user", …]} -> {"token", "scopes"}; the token is shown once."""
    body = request.json()
    scopes = body.get("scopes")
    if not isinstance(scopes, list):
        raise Fault(422, 'scopes is a list, as ["read:user"]')
    user = accounts.named(request.store, _text(body, "user"), "user")
    return as_json({"token": accounts.add_token(request.store, user, scopes), "scopes": scopes}, 201)


def drop_token(request: Request) -> Answer:
    """{"token"}"""
    accounts.drop_token(request.store, _text(request.json(), "token"))
    return nothing()


def deliveries(request: Request) -> Answer:
    """All deliveries after `after`, oldest first; `event`, `action`, `state` and `job` choose among them."""
    after = request.parameter("after", "0")
    where = "id > ?"
    values: list[int | str] = [int(after) if after.isdecimal() else 0]
    for name, column in (("event", "event"), ("action", "action"), ("state", "state"), ("job", "job_id")):
        if name in request.query:
            where, values = f"{where} AND {column} = ?", [*values, request.parameter(name)]
    rows = request.store.rows("delivery", where, *values)
    return as_json({"deliveries": [_delivery(request, row) for row in rows]})


def _delivery(request: Request, row: Row) -> dict[str, Any]:
    hook = request.store.get("hook", row["hook_id"])
    headers = (
        postman.signed_headers(hook, row, row["body"].encode(), postman.target_type(request.store, hook))
        if hook
        else {}
    )
    return {**row, "loose": bool(row["loose"]), "headers": headers, "payload": json.loads(row["body"])}


def state(request: Request) -> Answer:
    """Counts: jobs by status, runners, running tasks, waiting deliveries."""
    store = request.store
    by_status = store.all("SELECT status, COUNT(*) AS n FROM job GROUP BY status")
    return as_json({
        "jobs": {row["status"]: row["n"] for row in by_status},
        "runners": len(store.ids("runner", "1")),
        "tasks_running": len(store.ids("task", "status = 'in_progress'")),
        "deliveries_waiting": len(store.ids("delivery", "state IN ('new', 'pending', 'sending')")),
    })  # fmt: skip


def alerts(request: Request) -> Answer:
    """For each run that waits, what Gitea would show in red beside it."""
    rows = request.store.rows("run", "status IN ('queued', 'waiting', 'in_progress')")
    shown = [{"run_id": row["id"], "alerts": runs.alerts(request.store, row, request.now)} for row in rows]
    return as_json({"runs": shown})


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Fault(422, f"{name} is missing")
    return value


ROUTES = (
    ("GET", "/settings", get_settings),
    ("PATCH", "/settings", change_settings),
    ("POST", "/users", add_user),
    ("POST", "/orgs", add_org),
    ("POST", "/orgs/{org}/members", set_member),
    ("POST", "/repos", add_repo),
    ("POST", "/repos/{owner}/{repo}/collaborators", set_collaborator),
    ("POST", "/tokens", add_token),
    ("DELETE", "/tokens", drop_token),
    ("GET", "/deliveries", deliveries),
    ("GET", "/state", state),
    ("GET", "/alerts", alerts),
)
