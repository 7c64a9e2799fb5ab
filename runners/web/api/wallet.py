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
NONE_LEFT = "Null where nothing is spent, nothing is left, or it is more than ten years."


class WalletShown(Schema):
    balance: Tft
    spent_24h: Tft = Field(description="What the last 24 hours took.")
    vms: int = Field(description="VMs that are charged now.")
    per_hour: Tft = Field(description="What they cost together.")
    average_per_day: Tft = Field(
        description="What a day took, over the last `average_days`; up to a minute old."
    )
    average_days: int = Field(description="14, or the days since the team began to spend.")
    seconds_at_rate: int | None = Field(description=f"How long the balance lasts at `per_hour`. {NONE_LEFT}")
    seconds_until_no_start: int | None = Field(
        description="How long it covers the next hour at `per_hour`: after that no VM starts and those without a job "
        "end. 0 where that is so already; null where no VM is up, or it is more than ten years."
    )
    seconds_at_average: int | None = Field(description=f"The same at `average_per_day`. {NONE_LEFT}")
    low: bool = Field(
        description="Empty, less than 12 hours left at `per_hour`, or less than three at `average_per_day`."
    )
    at: Time


@router.get("", auth=READ, response={200: WalletShown} | problems.responses())
def read_wallet(request: TokenRequest) -> dict[str, Any]:
    """New VMs start while the balance covers an hour of all that run."""
    now = timezone.now()
    found = charges.purse(request.team, now)
    return {
        "balance": found.balance,
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
