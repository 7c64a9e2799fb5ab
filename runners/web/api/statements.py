"""Monthly statements: what the balance was, each kind of movement, and what it came to."""

from typing import TYPE_CHECKING, Any, Literal

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from billing import statements
from billing.statements import StatementPeriod, StatementSection
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Text, Tft, Time, UseName
from tfci.accounts.months import CalendarMonth
from tfci.accounts.requests import TokenRequest

router = Router()
READ = Bearer("spend.read")
if TYPE_CHECKING:  # the checker takes no words that are computed
    KindName = str
    SectionName = str
else:
    KindName = Literal[tuple(statements.Kind.values)]
    SectionName = Literal[tuple(section.value for section in StatementSection)]


class MonthShown(Schema):
    month: str = Field(description="Year and month.", examples=["2026-06"])
    begins_at: Time
    ends_at: Time = Field(description="The first moment of the next month.")
    time_zone: str = Field(description="Time zone in which the month ends.")
    final: bool = Field(description="Whether the month is over. A final statement never changes.")
    opening: Tft = Field(description="Balance when the month began.")
    closing: Tft = Field(description="Balance when the month ended, or now.")
    change: Tft = Field(description="The difference of the two.")


class LineShown(Schema):
    section: SectionName = Field(
        description=(
            "in: paid in and granted. vm_time: charges. corrections: VM time charged in an earlier month and given "
            "back. out: paid out."
        )
    )
    kind: KindName = Field(description="Kind of the ledger entries.")
    use: UseName | None = Field(description="What VM time was used for; null if it is none.")
    pool_id: int | None = Field(description="Pool of the VMs; null for servers.")
    pool: str = Field(description="Name of the pool at that time; empty if there is none.")
    amount: Tft = Field(description="Change of the balance; negative: spent.")


class StatementShown(MonthShown):
    lines: list[LineShown] = Field(description="The amounts add up to `change`, to the last digit.")


@router.get("", auth=READ, response={200: lists.Page[MonthShown]} | problems.responses())
def list_statements(request: TokenRequest) -> dict[str, Any]:
    """All months of the team on one page, newest first. The first one is not over."""
    found = statements.balances(request.team, statements.periods(request.team, timezone.now()))
    shown = [
        _shown(each.period) | {name: getattr(each, name) for name in ("opening", "closing", "change")}
        for each in found
    ]
    return {"items": shown, "next": None}


@router.get("/{month}", auth=READ, response={200: StatementShown} | problems.responses(404))
def read_statement(request: TokenRequest, month: Text) -> dict[str, Any]:
    """The month of the team's time zone, written as 2026-06."""
    try:
        period = statements.period(request.team, CalendarMonth.parse(month), timezone.now())
    except ValueError:
        period = None
    if period is None:
        raise problems.Stop(404, "There is no statement for this month. Write it as 2026-06.")
    found = statements.read(request.team, period)
    return _shown(period) | {name: getattr(found, name) for name in ("opening", "closing", "change", "lines")}


def _shown(period: StatementPeriod) -> dict[str, Any]:
    return {
        "month": str(period.month),
        "begins_at": period.begins_at,
        "ends_at": period.ends_at,
        "time_zone": period.zone,
        "final": period.over,
    }
