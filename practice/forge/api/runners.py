"""Runners and registration tokens, at all four levels."""

from practice.forge import runners, settings
from practice.forge.api.door import door, number, page_of
from practice.forge.api.levels import ACTIONS, Level
from practice.forge.faults import Fault, not_found
from practice.forge.shapes import runs as run_shapes
from practice.forge.store import Row
from practice.forge.web import Answer, Request, as_json, nothing


def _routes(level: Level) -> None:
    base = f"{level.prefix}/actions/runners"

    @door.route("GET", base, level.categories)
    def listing(request: Request) -> Answer:
        rows = runners.of_scope(request.store, level.scope(request))
        shown = [run_shapes.runner(request.store, row, request.now) for row in page_of(request, rows)]
        return as_json({"runners": shown, "total_count": len(rows)})

    @door.route("POST", f"{base}/registration-token", level.categories)
    def registration_token(request: Request) -> Answer:
        return as_json({"token": runners.registration_token(request.store, level.scope(request))})

    @door.route("GET", f"{base}/registration-token", level.categories)
    def old_registration_token(request: Request) -> Answer:
        """Gone with 1.26."""
        if settings.at_least(request.store, 1, 26):
            raise Fault(405, "Method Not Allowed")
        return registration_token(request)

    @door.route("GET", f"{base}/{{runner}}", level.categories)
    def one(request: Request) -> Answer:
        row = _runner(request, level.scope(request))
        return as_json(run_shapes.runner(request.store, row, request.now))

    @door.route("DELETE", f"{base}/{{runner}}", level.categories)
    def remove(request: Request) -> Answer:
        runners.remove(request.store, _runner(request, level.scope(request))["id"])
        return nothing()


def _runner(request: Request, scope: runners.Scope) -> Row:
    row = request.store.get("runner", number(request, "runner"))
    if row is None:
        raise not_found(message="Runner not found")
    if not runners.in_scope(row, scope):
        raise not_found(message="No permission to access this runner")
    return row


for each in ACTIONS:
    _routes(each)
