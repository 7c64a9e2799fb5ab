"""The grid's proxy: what everybody may read of nodes and farms."""

from practice.grid.api.reading import page_of, raise_if_silent
from practice.grid.nodes import farm_shown
from practice.grid.server import Reply, Request, route


@route("GET", "/nodes")
def nodes(request: Request) -> Reply:
    raise_if_silent(request, "proxy_silent")
    grid = request.grid
    with grid.lock:
        page, headers = page_of(request, list(grid.nodes.by_id.values()))
        return Reply(grid.nodes.shown(page, grid.clock.second(), grid.begun_at), headers)


@route("GET", "/farms")
def farms(request: Request) -> Reply:
    raise_if_silent(request, "proxy_silent")
    page, headers = page_of(request, request.grid.nodes.farms())
    return Reply([farm_shown(farm) for farm in page], headers)
