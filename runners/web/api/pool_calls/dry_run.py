"""What a pool would deploy now, without spending."""

from decimal import Decimal
from typing import Any, Literal

from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from billing import pricing, quotes
from runners.pools import dry_run
from runners.pools.tfrobot import exchange
from runners.web.api import pools, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import ReasonShown, Said, Text, Tft, Time, reason_shown
from runners.web.forms import DryRunForm
from tfci.accounts.requests import TokenRequest
from tfci.core.optional import present

router = Router()
READ = Bearer("pools.read")
PURPOSES = {dry_run.JOB: "job", dry_run.READY: "ready", dry_run.IMAGINED: "imagined"}

Purpose = Literal["job", "ready", "imagined"]


class Imagined(Said):
    """Simulated jobs of one size at the end of the queue."""

    jobs: int = Field(0, ge=0, le=100)
    size: Text = Field("", description="Like medium or 4cpu8gbram50gbssd; default: the pool's default size.")


class Sent(Schema):
    """A VM that would be deployed now."""

    size: str
    purpose: Purpose = Field(description="For a queued job, to be kept ready, or for a simulated job.")
    node_id: int
    country: str
    price_per_hour: Tft
    usd_per_hour: str


class Waiting(Schema):
    size: str
    purpose: Purpose
    reason: ReasonShown


class Held(Schema):
    jobs: int
    reason: ReasonShown


class Rehearsed(Schema):
    """A snapshot: nodes can reject VMs, other work can start first, and prices can change."""

    sent: list[Sent]
    waiting: list[Waiting] = Field(description="What each VM would wait for.")
    held: list[Held] = Field(description="Jobs that would get no VM, and why.")
    from_standby: int = Field(description="Jobs that a standby VM would take immediately.")
    price_per_hour: Tft = Field(description="Total of all VMs that would be deployed.")
    prices_read_at: Time | None
    tfrobot: str | None = Field(
        description="A tfrobot configuration with the same VMs; tfrobot chooses nodes itself."
    )


@router.get("/{int:pk}/dry-run", auth=READ, response={200: Rehearsed} | problems.responses(404))
def rehearse_pool(request: TokenRequest, pk: int, query: Query[Imagined]) -> dict[str, Any]:
    """What the pool would deploy now: nodes, prices and a tfrobot file. Nothing is started."""
    pool = pools.one(request, pk)
    form = DryRunForm(pool, query.model_dump())
    problems.validated(form)
    found = dry_run.rehearse(pool, timezone.now(), form.imagined)
    text, _ = exchange.tried(pool, found.sizes)
    return {
        "sent": [_sent(vm, present(found.prices)) for vm in found.sent],
        "waiting": [_plain(vm) | {"reason": reason_shown(vm.reason)} for vm in found.waiting],
        "held": [{"jobs": count, "reason": reason_shown(reason)} for reason, count in found.held],
        "from_standby": found.bound,
        "price_per_hour": found.per_hour,
        "prices_read_at": found.prices.read_at if found.prices else None,
        "tfrobot": text or None,
    }


def _plain(vm: dry_run.ImaginedVM) -> dict[str, Any]:
    return {"size": str(vm.size), "purpose": PURPOSES[vm.purpose]}


def _sent(vm: dry_run.ImaginedVM, prices: quotes.Reading) -> dict[str, Any]:
    node = present(vm.node)
    dollars = Decimal(pricing.usd(present(vm.per_hour), prices.tft_musd)).scaleb(-7)
    return _plain(vm) | {
        "node_id": node.node_id,
        "country": node.country,
        "price_per_hour": vm.per_hour,
        "usd_per_hour": f"{dollars:.7f}",
    }
