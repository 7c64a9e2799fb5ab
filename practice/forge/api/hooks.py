"""Webhooks, at all four levels."""

from practice.forge import shapes
from practice.forge.api.door import door, number, page_of
from practice.forge.api.levels import HOOKS, Level
from practice.forge.faults import not_found
from practice.forge.runners import Scope
from practice.forge.store import Row
from practice.forge.web import Answer, Request, as_json, nothing
from practice.forge.webhooks import hooks


def _routes(level: Level) -> None:
    base = f"{level.prefix}/hooks"

    @door.route("GET", base, level.categories)
    def listing(request: Request) -> Answer:
        rows = hooks.of_scope(request.store, level.scope(request))
        shown = [shapes.hook(row) for row in page_of(request, rows)]
        return as_json(shown, headers={"X-Total-Count": str(len(rows))})

    @door.route("POST", base, level.categories)
    def create(request: Request) -> Answer:
        row = hooks.create(request.store, level.scope(request), request.json(), request.now)
        return as_json(shapes.hook(row), 201)

    @door.route("GET", f"{base}/{{hook}}", level.categories)
    def one(request: Request) -> Answer:
        return as_json(shapes.hook(_hook(request, level.scope(request))))

    @door.route("PATCH", f"{base}/{{hook}}", level.categories)
    def edit(request: Request) -> Answer:
        row = _hook(request, level.scope(request))
        return as_json(shapes.hook(hooks.edit(request.store, row, request.json(), request.now)))

    @door.route("DELETE", f"{base}/{{hook}}", level.categories)
    def remove(request: Request) -> Answer:
        row = _hook(request, level.scope(request))
        request.store.run("DELETE FROM hook WHERE id = ?", row["id"])
        return nothing()


def _hook(request: Request, scope: Scope) -> Row:
    row = request.store.get("hook", number(request, "hook"))
    if row is None or (row["owner_id"], row["repo_id"]) != (scope.owner_id, scope.repo_id):
        raise not_found()
    return row


for each in HOOKS:
    _routes(each)
