"""The team's wallet."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from billing import ledger
from runners.metering import charges
from runners.web.api import problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Tft, Time
from tfci.accounts.requests import TokenRequest

router = Router()
READ = Bearer("spend.read")
NONE_LEFT = "Null if nothing is spent, nothing is left, or it is more than ten years."


class WalletShown(Schema):
    balance: Tft = Field(description="Prepaid, or what the team's own twin still covers.")
    on_own_twin: bool = Field(
        description="Whether the team's own twin pays for new VMs; `balance` and the times are then that account's."
    )
    spent_24h: Tft = Field(description="Spent in the last 24 hours.")
    vms: int = Field(description="Number of VMs charged now.")
    per_hour: Tft = Field(description="Their total cost per hour.")
    average_per_day: Tft = Field(
        description="Average spending per day over the last `average_days`; up to a minute old."
    )
    average_days: int = Field(description="14, or the number of days since the team's first charge.")
    seconds_at_rate: int | None = Field(
        description=f"Time until the balance runs out at `per_hour`. {NONE_LEFT}"
    )
    seconds_until_no_start: int | None = Field(
        description=(
            "Time until the balance no longer covers the next hour at `per_hour`; then no VM starts and VMs "
            "without a job end. 0 if that is already the case; null if no VM is running, or it is more than ten "
            "years."
        )
    )
    seconds_at_average: int | None = Field(description=f"The same at `average_per_day`. {NONE_LEFT}")
    low: bool = Field(
        description="Empty, less than 12 hours left at `per_hour`, or less than three at `average_per_day`."
    )
    at: Time


@router.get("", auth=READ, response={200: WalletShown} | problems.responses())
def read_wallet(request: TokenRequest) -> dict[str, Any]:
    """New VMs can start while the balance covers an hour of all running VMs."""
    now = timezone.now()
    found = charges.funds(request.team, now)
    return {
        "balance": found.balance,
        "on_own_twin": found.on_own_twin,
        "spent_24h": ledger.spent_in_a_day(request.team, now),
        "vms": found.rate.vms,
        "per_hour": found.rate.per_hour,
        "average_per_day": found.average.per_day,
        "average_days": found.average.days,
        "seconds_at_rate": _seconds(found.at_rate),
        "seconds_until_no_start": _seconds(found.starts_until),
        "seconds_at_average": _seconds(found.at_average),
        "low": found.low,
        "at": now,
    }


def _seconds(left: timedelta | None) -> int | None:
    return None if left is None else int(left.total_seconds())
