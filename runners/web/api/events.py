"""Events: moves of VMs, decisions about pools, words about jobs."""

from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from runners.models import Event
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Id, ReasonShown, Time, reason_shown
from tfci.accounts.requests import TokenRequest

router = Router()
READ = Bearer("vms.read")
FILTERS = {"vm": "vm", "job": "job", "pool": "pool"}


class EventsQuery(lists.ListQuery):
    vm: Id | None = None
    job: Id | None = None
    pool: Id | None = None


class EventShown(Schema):
    id: int
    at: Time
    was: str = Field(description="The previous state; empty if the state did not change.")
    now: str
    reason: ReasonShown = Field(description="What happened.")
    vm_id: int | None
    job_id: int | None
    pool_id: int | None

    @staticmethod
    def resolve_reason(event: Event) -> dict[str, Any] | None:
        return reason_shown(event.typed_reason)


@router.get("", auth=READ, response={200: lists.Page[EventShown]} | problems.responses())
def list_events(request: TokenRequest, query: Query[EventsQuery]) -> dict[str, Any]:
    """Newest first."""
    events = Event.objects.filter(team=request.team, **lists.lookups(query, FILTERS))
    return lists.page(request, events, query)
