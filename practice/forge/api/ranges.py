"""Range requests, as Go's file server answers them: one range, of bytes."""

import re
from dataclasses import replace

from practice.forge.faults import Fault
from practice.forge.web import Answer

RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


def ranged(answer: Answer, header: str) -> Answer:
    """The requested part, or the whole body if the header is not a single range."""
    found = RANGE.fullmatch(header)
    if found is None or found.groups() == ("", ""):
        return answer
    size = len(answer.body)
    first, last = _bounds(found[1], found[2], size)
    if first > last:
        raise Fault(416, "invalid range: failed to overlap")
    headers = {**answer.headers, "Content-Range": f"bytes {first}-{last}/{size}"}
    return replace(answer, status=206, body=answer.body[first : last + 1], headers=headers)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
