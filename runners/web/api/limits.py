"""Spending limits: set, change, delete. Input is checked by the forms that pages use."""

from dataclasses import replace
from typing import Any

from django.utils import timezone
from ninja import PatchDict, Query, Router, Schema, Status
from pydantic import Field

from billing.spending import changes
from billing.spending.changes import LimitRow
from billing.spending.limit import Limit, Usage
from runners.metering import limit_usage
from runners.pools.changes import after_limits
from runners.queue import nudges
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Id, PeriodName, Said, ScopeName, Text, Tft, Time
from runners.web.forms.limits import STOP, WARN, AmountForm, LimitForm
from tfci.accounts.requests import TokenRequest

router = Router()
READ, CHANGE = Bearer("spend.read"), Bearer("limits.change")


class LimitChange(Said):
    amount: str = Field(description="TFT.", examples=["25"])
    stops: bool = Field(True, description="False: only warn.")


class LimitNew(LimitChange):
    scope: ScopeName = Field(description="Whose spending counts.")
    pool: Id | None = Field(None, description="With scope pool.")
    repository: Text = Field("", description="owner/name, with scope repository.")
    period: PeriodName = Field(
        description="Days and months begin at midnight in the team's time zone. job: each job alone."
    )


class LimitShown(Schema):
    id: int
    scope: ScopeName
    pool: int | None
    repository: str
    period: PeriodName
    amount: Tft
    stops: bool
    spent: Tft | None = Field(
        description="Of this day or month, with what VMs have run up and not been charged yet. Null per job."
    )
    reached: bool
    renews_at: Time | None
    created_at: Time


@router.get("", auth=READ, response={200: lists.Page[LimitShown]} | problems.responses())
def list_limits(request: TokenRequest, query: Query[lists.ListQuery]) -> dict[str, Any]:
    """All of the team, newest first."""
    usages = _usages(request)
    return lists.page(
        request, changes.rows(request.team), query, lambda rows: [_shown(row, usages) for row in rows]
    )


@router.post("", auth=CHANGE, response={201: LimitShown} | problems.responses(*problems.BODY, 409))
def make_limit(request: TokenRequest, body: LimitNew) -> Status[dict[str, Any]]:
    """It counts what was spent in its period before it was made, too."""
    which = body.pool if body.scope == "pool" else body.repository
    target = f"{body.scope}:{which}" if body.scope != "team" else "team"
    form = LimitForm(
        request.team, {"target": target, "period": body.period} | _as_data(body.amount, body.stops)
    )
    problems.validated(form, {"target": "pool" if body.scope == "pool" else "repository"})
    try:
        row = changes.create(request.team, form.limit(), request.auth, timezone.now())
    except changes.LimitTaken:
        raise problems.Stop(409, "There is already a limit for this and that period. Change it.") from None
    except changes.TooManyLimits:
        raise problems.Stop(
            409, f"A team can have up to {changes.MAX_LIMITS} limits. Delete one first."
        ) from None
    nudges.follow(after_limits(request.team))
    return Status(201, _shown(row, _usages(request)))


@router.get("/{int:pk}", auth=READ, response={200: LimitShown} | problems.responses(404))
def read_limit(request: TokenRequest, pk: int) -> dict[str, Any]:
    return _shown(_one(request, pk), _usages(request))


@router.patch("/{int:pk}", auth=CHANGE, response={200: LimitShown} | problems.responses(*problems.BODY, 404))
def change_limit(request: TokenRequest, pk: int, body: PatchDict[LimitChange]) -> dict[str, Any]:
    """Jobs that wait because of it are decided immediately. To limit something else, create another limit."""
    row = _one(request, pk)
    data = _as_data(body.get("amount", str(row.amount)), body.get("stops", row.stops))
    values = problems.validated(AmountForm(data))
    changed = replace(_limit(row), amount=values["amount"], stops=values["stops"])
    changes.change(row, changed, request.auth, timezone.now())
    nudges.follow(after_limits(request.team))
    return _shown(row, _usages(request))


@router.delete("/{int:pk}", auth=CHANGE, response={200: LimitShown} | problems.responses(404))
def delete_limit(request: TokenRequest, pk: int) -> dict[str, Any]:
    """Jobs that wait because of it are decided immediately."""
    row = _one(request, pk)
    shown = _shown(row, _usages(request))
    changes.delete(row, _limit(row), request.auth, timezone.now())
    nudges.follow(after_limits(request.team))
    return shown


def _as_data(amount: str, stops: bool) -> dict[str, Any]:
    """JSON under the names of the form's fields."""
    return {"amount": amount, "stops": STOP if stops else WARN}


def _one(request: TokenRequest, pk: int) -> LimitRow:
    return lists.one(changes.rows(request.team), "limit", pk=pk)


def _limit(row: LimitRow) -> Limit:
    return changes.as_limit(row, limit_usage.pool_names([row]))


def _usages(request: TokenRequest) -> dict[int, Usage]:
    used = limit_usage.read(request.team.pk, timezone.now())
    return {usage.limit.id: usage for usage in used.usages}


def _shown(row: LimitRow, usages: dict[int, Usage]) -> dict[str, Any]:
    usage = usages.get(row.pk)
    plain = ("id", "scope", "repository", "period", "amount", "stops", "created_at")
    return {name: getattr(row, name) for name in plain} | {
        "pool": row.pool_id,
        "spent": usage.spent if usage else None,
        "reached": bool(usage and usage.is_spent),
        "renews_at": usage.renews_at if usage else None,
    }
