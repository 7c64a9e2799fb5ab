"""What was spent: sums of the ledger's charges by day, pool, repository and more."""

from datetime import UTC, datetime
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from billing.uses import Use
from runners.metering import spend_sums
from runners.metering.spend_sums import BEGIN, END, ChargeFilter, GroupBy, Period
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import GroupName, Id, Text, Tft, UseName
from tfci.accounts.requests import TokenRequest

router = Router()
READ = Bearer("spend.read")


class SpendQuery(Schema):
    group_by: GroupName = Field(description="What to group by.")
    since: datetime | None = Field(None, description="Charged at this time or later.")
    until: datetime | None = Field(None, description="Charged before this time.")
    connection: Id | None = None
    repository: Text | None = None
    workflow: Text | None = None
    pool: Id | None = None
    size: Text | None = Field(None, description="As in the answer, like 2cpu8gbram50gbssd.")
    node: Id | None = None
    person: Text | None = Field(None, description="Who triggered the job, by their name at the forge.")
    job: Id | None = None
    vm: Id | None = None
    use: UseName | None = None
    after: Text | None = Field(None, description="Cursor from `next` of the previous page.")
    limit: int = Field(50, ge=1, le=200, description="Entries per page.")

    @property
    def period(self) -> Period:
        return Period(_moment(self.since or BEGIN), _moment(self.until or END))

    @property
    def within(self) -> ChargeFilter:
        keys = {by: getattr(self, by, None) for by in GroupBy}
        return ChargeFilter(
            {by: key for by, key in keys.items() if key is not None},
            self.vm,
            Use(self.use) if self.use else None,
        )


class UsesShown(Schema):
    """Amounts by use of VM time; they add up to the total."""

    job: Tft
    boot: Tft
    idle: Tft
    teardown: Tft
    refresh: Tft
    debug: Tft
    server: Tft


class SumShown(Schema):
    key: str = Field(
        description=(
            "The day in UTC as 2026-06-01, the id of the connection, pool or job, the number of the node, or the name; "
            "empty if it belongs to none."
        )
    )
    amount: Tft = Field(description="Spent; positive.")
    uses: UsesShown


@router.get("", auth=READ, response={200: lists.Page[SumShown]} | problems.responses())
def list_spend(request: TokenRequest, query: Query[SpendQuery]) -> dict[str, Any]:
    """Days and jobs newest first, others by id or name; amounts without a group come last. All pages together add up to
    the ledger's charges, to the last digit."""
    lists.check(request, query)
    by, after = GroupBy(query.group_by), _after(GroupBy(query.group_by), query.after)
    found = spend_sums.page(request.team, by, query.period, query.within, after, query.limit)
    return {"items": [_shown(each) for each in found.sums], "next": _next(request, found.after)}


def _moment(at: datetime) -> datetime:
    """UTC's where it names no zone, and none that no quarter of an hour begins before."""
    return min(max(at if at.tzinfo else at.replace(tzinfo=UTC), BEGIN), END)


def _after(by: GroupBy, key: str | None) -> spend_sums.Key | None:
    try:
        return None if key is None else spend_sums.parse(by, key)
    except ValueError:
        raise problems.invalid({"after": ["This cursor is not valid."]}) from None


def _shown(each: spend_sums.SpendSum) -> dict[str, Any]:
    return {"key": each.key, "amount": each.amount, "uses": {use: each.uses[use] for use in Use}}


def _next(request: TokenRequest, after: str | None) -> str | None:
    if after is None:
        return None
    query = request.GET.copy()
    query["after"] = after
    return request.build_absolute_uri(f"?{query.urlencode()}")
