"""What the queue of a scale set says: which runs something happened in, and which jobs are on offer.

A message names a job by a number of its own (`runnerRequestId`, of late 0) and by a GUID, and never by that of the REST
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
    """One thing that was told of one job."""

    type: str = msgspec.field(default="", name="messageType")
    request: Number = msgspec.field(default=0, name="runnerRequestId")
    owner: str = msgspec.field(default="", name="ownerName")
    repository: str = msgspec.field(default="", name="repositoryName")
    run: Number = msgspec.field(default=0, name="workflowRunId")


class Batch(msgspec.Struct):
    """`body` is JSON in a text: a list of what was told."""

    id: Number = msgspec.field(name="messageId")
    type: str = msgspec.field(default="", name="messageType")
    body: str = ""
    statistics: Statistics | None = None


class Offered(msgspec.Struct):
    entries: list[ScaleSetEvent] = msgspec.field(default_factory=list, name="value")


def message(batch: Batch) -> Message:
    """In our words. One that can't be read says at least that something happened."""
    assigned = batch.statistics.assigned if batch.statistics else 0
    if batch.type != BATCH:
        return Message(batch.id, assigned=assigned, whole=False)
    try:
        told = shapes.read(batch.body.encode() or b"[]", list[ScaleSetEvent])
    except Malformed:
        return Message(batch.id, assigned=assigned, whole=False)
    return build(batch.id, told, assigned)


def build(number: int, told: list[ScaleSetEvent], assigned: int = 0) -> Message:
    """Each run once, in the order in which it was told of."""
    runs = {(f"{one.owner}/{one.repository}", str(one.run)): None for one in told if one.run}
    known = tuple(run for run in runs if REPOSITORY.fullmatch(run[0]))
    offered = tuple(dict.fromkeys(one.request for one in told if one.type == OFFER and one.request))
    whole = len(known) == len(runs) and all(one.run for one in told)
    return Message(number, known, offered, assigned, whole)
