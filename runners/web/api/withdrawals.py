"""Withdrawals: reading them. Asking for one takes a second factor, which no token has."""

from typing import Any

from ninja import Query, Router, Schema
from pydantic import Field

from billing.withdrawal_rules.addresses import Route
from billing.withdrawal_rules.life import WithdrawalState
from billing.withdrawals import booking, requests
from billing.withdrawals.requests import Withdrawal
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import ReasonShown, Tft, Time, reason_shown
from tfci.accounts.requests import TokenRequest

router = Router()
READ = Bearer("spend.read")


class WithdrawalShown(Schema):
    id: int
    route: str = Field(description=f"Where to: {' or '.join(Route)}.")
    address: str
    amount: Tft
    highest_fee: Tft = Field(description="The chain's fee, at most. What it doesn't take comes back.")
    fee: Tft | None = Field(description="What the chain took; null while nothing was paid.")
    bridge_fee: Tft = Field(description="What the bridge keeps of the amount; 0 if the route is tfchain.")
    state: str = Field(description=f"One of {', '.join(WithdrawalState)}.")
    reason: ReasonShown | None = Field(description="Why it ended without being paid, or what holds it up.")
    asked_at: Time
    deadline_at: Time = Field(
        description="While asked: when the link in the mail expires. While waiting: when it is sent."
    )
    ended_at: Time | None


@router.get("", auth=READ, response={200: lists.Page[WithdrawalShown]} | problems.responses())
def list_withdrawals(request: TokenRequest, query: Query[lists.ListQuery]) -> dict[str, Any]:
    """Newest first. Only owners can request and stop them, on the page Pay out, with a second factor."""
    return lists.page(request, requests.of_team(request.team), query, _shown)


def _shown(rows: list[Withdrawal]) -> list[dict[str, Any]]:
    fees, apart = booking.fees(rows), ("reason", "fee")
    return [
        {name: getattr(row, name) for name in WithdrawalShown.model_fields if name not in apart}
        | {"reason": reason_shown(row.typed_reason), "fee": fees.get(row.pk)}
        for row in rows
    ]
