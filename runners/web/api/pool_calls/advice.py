"""Which size would do for a pool's jobs."""

from typing import Any, Literal

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from runners.jobs import right_sizing
from runners.web.api import pools, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Tft
from tfci.accounts.requests import TokenRequest

router = Router()
READ = Bearer("pools.read")


class UsedByRuns(Schema):
    """By one job: thousandths of all its processors, MiB."""

    peak_cpu: int
    mean_cpu: int
    memory: int
    disk: int


class Advised(Schema):
    """Of jobs of one name with one size, in the last 30 days."""

    repository: str
    workflow: str
    name: str
    size: str
    measured: int
    minutes: int
    most: UsedByRuns | None = Field(
        description="Maximum of each value; null until enough runs were measured."
    )
    median: UsedByRuns | None
    would_do: str | None = Field(
        description="Label of a cheaper size that would have been enough for all runs."
    )
    saves: Tft | None = Field(description="Per month, at the current job rate and today's prices.")
    short_of: Literal["memory", "processors", ""]


class Sizes(Schema):
    why_not: str = Field(
        description="Why measurements of this grid can't be used for recommendations; empty if they can."
    )
    jobs: list[Advised]


@router.get("/{int:pk}/sizes", auth=READ, response={200: Sizes} | problems.responses(404))
def advise_sizes(request: TokenRequest, pk: int) -> dict[str, Any]:
    """Largest savings first; a recommendation needs 10 measured runs."""
    groups = right_sizing.of_pool(pools.one(request, pk), timezone.now())
    return {"why_not": right_sizing.unavailable_reason(), "jobs": [_shown(group) for group in groups]}


def _shown(group: right_sizing.JobGroup) -> dict[str, Any]:
    plain = {name: getattr(group, name) for name in ("repository", "workflow", "name", "measured", "minutes")}
    advice = group.advice
    return plain | {
        "size": str(group.size),
        "most": advice and advice.highest,
        "median": advice and advice.usual,
        "would_do": group.label or None,
        "saves": group.saves,
        "short_of": advice.short_of if advice else "",
    }
