"""The team's wallet."""

from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from billing import ledger, wallets
from runners.api import problems
from runners.api.access import Bearer
from runners.api.shapes import Tft, Time
from runners.models import VM
from tfci import tft

router = Router()
READ = Bearer("spend.read")


class WalletShown(Schema):
    balance: Tft
    spent_24h: Tft = Field(description="What the last 24 hours took.")
    per_hour: Tft = Field(description="What all machines together cost now.")
    at: Time


@router.get("", auth=READ, response={200: WalletShown} | problems.told())
def read_wallet(request: HttpRequest):
    """New machines start while the balance covers an hour of all that run."""
    now = timezone.now()
    alive = VM.objects.filter(team=request.team).exclude(state=VM.State.GONE)
    return {
        "balance": wallets.of(request.team, now).balance,
        "spent_24h": ledger.pace(request.team, now),
        "per_hour": tft.Tft(alive.aggregate(sum=Sum("quote__per_hour"))["sum"] or 0),
        "at": now,
    }
