"""Messages of a scale set's queue: in which runs something happened, and which jobs are on offer.

A message names a job by a number of its own (`runnerRequestId`, now 0) and by a GUID, and never by that of the REST
API, so it is a hint which run to read, and no more. Shapes: github.com/actions/scaleset, commit 6ce0259, types.go.
"""

import msgspec

from tfci.forges.actions.schemas import REPOSITORY, Count
from tfci.forges.decoding import Malformed, Number
from tfci.forges.github import schemas as shapes
from tfci.forges.ports.scale_sets import Message

BATCH = "RunnerScaleSetJobMessages"
OFFER = "JobAvailable"


class Statistics(msgspec.Struct):
    assigned: Count = msgspec.field(default=0, name="totalAssignedJobs")


class ScaleSetEvent(msgspec.Struct):
    """One event of one job."""

    type: str = msgspec.field(default="", name="messageType")
    request: Number = msgspec.field(default=0, name="runnerRequestId")
    owner: str = msgspec.field(default="", name="ownerName")
    repository: str = msgspec.field(default="", name="repositoryName")
    run: Number = msgspec.field(default=0, name="workflowRunId")


class Batch(msgspec.Struct):
    """`body` is JSON in a text: a list of events."""

    id: Number = msgspec.field(name="messageId")
    type: str = msgspec.field(default="", name="messageType")
    body: str = ""
    statistics: Statistics | None = None


class Offered(msgspec.Struct):
    entries: list[ScaleSetEvent] = msgspec.field(default_factory=list, name="value")


def message(batch: Batch) -> Message:
    """Convert a batch. One that can't be read shows at least that something happened."""
    assigned = batch.statistics.assigned if batch.statistics else 0
    if batch.type != BATCH:
        return Message(batch.id, assigned=assigned, whole=False)
    try:
        events = shapes.read(batch.body.encode() or b"[]", list[ScaleSetEvent])
    except Malformed:
        return Message(batch.id, assigned=assigned, whole=False)
    return build(batch.id, events, assigned)


def build(number: int, events: list[ScaleSetEvent], assigned: int = 0) -> Message:
    """Each run once, in the order of the events."""
    runs = {(f"{one.owner}/{one.repository}", str(one.run)): None for one in events if one.run}
    known = tuple(run for run in runs if REPOSITORY.fullmatch(run[0]))
    offered = tuple(dict.fromkeys(one.request for one in events if one.type == OFFER and one.request))
    whole = len(known) == len(runs) and all(one.run for one in events)
    return Message(number, known, offered, assigned, whole)
