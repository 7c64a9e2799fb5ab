"""Deliveries that were tried: listed, and sent again. Of an App as of a hook."""

from tests.counterparts.github import shapes
from tests.counterparts.github.errors import not_found


def listed(call, to, path):
    """The newest first, by a cursor."""
    there = call.github.postman.known(to)
    size = min(int(call.query.get("per_page", 30)), 100)
    begin = int(call.query.get("cursor", 0))
    if len(there) > begin + size:
        call.headers["Link"] = f'<{call.base}/api/v3{path}?cursor={begin + size}>; rel="next"'
    return 200, [shapes.delivery(one) for one in there[begin : begin + size]]


def again(call, to, number):
    found = next((one for one in call.github.postman.known(to) if str(one.id) == number), None)
    if found is None:
        raise not_found()
    call.github.postman.again(found)
    return 202, {}
