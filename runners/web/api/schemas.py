"""Types that several resources share."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema

from billing.spending_kinds import LimitPeriod, LimitScope
from billing.uses import Use
from runners.jobs import lost_jobs, search
from runners.metering.spend_sums import GroupBy
from runners.models import VM, Job, Protection, Reuse
from runners.pools.schedule import WEEKDAYS
from runners.reasons import catalogue
from runners.vms import debug_access
from tfci.core.reasons import Owner, Reason

Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Text = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
Time = Annotated[  # as long whatever the moment, so that texts sort as times do
    datetime,
    PlainSerializer(lambda at: at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-06-01T12:00:00.000Z"]}),
]
Tft = Annotated[
    str,
    BeforeValidator(str),
    Field(description="TFT, with all seven digits.", pattern=r"^-?\d+\.\d{7}$", examples=["0.0012345"]),
]
if TYPE_CHECKING:  # the checker takes no words that are computed
    CauseName = str
    EndingName = str
    GroupName = str
    JobState = str
    Minutes = int
    OwnerName = str
    PeriodName = str
    ProtectionName = str
    ReasonName = str
    ReuseName = str
    ScopeName = str
    UseName = str
    VMState = str
    WeekdayName = str
else:  # inline: an enum would be described by its bare name
    CauseName = Literal[search.CAUSES]
    EndingName = Literal[tuple(step.value for step in lost_jobs.RerunStep)]
    GroupName = Literal[tuple(group.value for group in GroupBy)]
    JobState = Literal[tuple(Job.State.values)]
    Minutes = Literal[debug_access.MINUTES]
    OwnerName = Literal[tuple(owner.value for owner in Owner)]
    ReasonName = Literal[tuple(catalogue.REASONS)]
    ProtectionName = Literal[tuple(Protection.values)]
    PeriodName = Literal[tuple(period.value for period in LimitPeriod)]
    ReuseName = Literal[tuple(Reuse.values)]
    ScopeName = Literal[tuple(scope.value for scope in LimitScope)]
    UseName = Literal[tuple(use.value for use in Use)]
    VMState = Literal[tuple(VM.State.values)]
    WeekdayName = Literal[WEEKDAYS]


class ReasonShown(Schema):
    """The reason for a state. The manual's page of reasons lists all codes."""

    code: ReasonName = Field(description="Stable code for scripts. other: from before codes existed.")
    params: dict[str, Any] = Field(description="Values used in the text; amounts in 1e-7 TFT.")
    text: str = Field(description="For people; can change at any time.")
    owner: OwnerName = Field(description="Who can act on it.")


def reason_shown(reason: Reason | None) -> dict[str, Any] | None:
    """As ReasonShown."""
    if reason is None:
        return None
    return {"code": reason.code, "params": reason.params, "text": str(reason), "owner": reason.owner}


class Said(Schema):
    """A body: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid")
