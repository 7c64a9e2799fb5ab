"""What was spent: sums of the ledger's charges by day, pool, repository or job."""

from datetime import datetime
from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from billing import spend_sums
from billing.spend_sums import ChargeFilter, GroupBy
from billing.uses import Use
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import GroupName, Id, Text, Tft, UseName
from tfci.accounts.requests import TokenRequest

router = Router()
READ = Bearer("spend.read")
FILTERS = {
    "pool": "pool_id",
    "repository": "repository__iexact",
    "job": "job_id",
    "vm": "vm_id",
    "use": "use",
}


class SpendQuery(Schema):
    group_by: GroupName = Field(description="What to group by.")
    since: datetime | None = Field(None, description="Charged at this time or later.")
    until: datetime | None = Field(None, description="Charged before this time.")
    pool: Id | None = None
    repository: Text | None = None
    job: Id | None = None
    vm: Id | None = None
    use: UseName | None = None
    after: Text | None = Field(None, description="Cursor from `next` of the previous page.")
    limit: int = Field(50, ge=1, le=200, description="Entries per page.")


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
            "The day in UTC as 2026-06-01, the id of the pool or job, or the repository; empty if it belongs to "
            "none."
        )
    )
    amount: Tft = Field(description="Spent; positive.")
    uses: UsesShown


@router.get("", auth=READ, response={200: lists.Page[SumShown]} | problems.responses())
def list_spend(request: TokenRequest, query: Query[SpendQuery]) -> dict[str, Any]:
    """Days and jobs newest first, pools by id, repositories by name; amounts without a group come last. All pages
    together add up to the ledger's charges, to the last digit."""
    lists.check(request, query)
    by, within = (
        GroupBy(query.group_by),
        ChargeFilter(query.since, query.until, lists.lookups(query, FILTERS)),
    )
    found = spend_sums.page(request.team, by, within, _after(by, query.after), query.limit)
    return {"items": [_shown(each) for each in found.sums], "next": _next(request, found.after)}


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
