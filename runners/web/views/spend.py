"""A team's spend: its balance and how long that lasts, and every movement of TFT."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from billing import credit_requests, ledger, pricing, quotes
from runners.metering import charges
from tfci.accounts.access import may, requires
from tfci.accounts.requests import SiteRequest, TeamRequest
from tfci.core import csv_export, paging
from tfci.core.tft import Tft
from tfci.grid import registry

DAYS = 14
AT_ONCE = 500  # entries of a file in memory
COLUMNS = ["at", "amount", "kind", "use", "pool", "vm_id", "job_id", "repository"]


@dataclass(slots=True)
class Sum:
    """What one day or pool took, by use."""

    name: object
    job: Tft = field(default_factory=Tft)
    boot: Tft = field(default_factory=Tft)
    idle: Tft = field(default_factory=Tft)
    teardown: Tft = field(default_factory=Tft)
    refresh: Tft = field(default_factory=Tft)
    debug: Tft = field(default_factory=Tft)
    server: Tft = field(default_factory=Tft)

    @property
    def beside(self) -> Tft:
        """What was neither a job's own time nor a server's."""
        return self.boot + self.idle + self.teardown + self.refresh + self.debug

    @property
    def total(self) -> Tft:
        return self.job + self.server + self.beside

    @property
    def parts(self) -> list[tuple[str, Tft]]:
        """Of its column, from below: how each looks, and how much it is."""
        return [("is-jobs", self.job), ("is-beside", self.beside), ("is-servers", self.server)]


@requires("spend.read")
def spend(request: TeamRequest) -> HttpResponse:
    """The balance and each entry are the ledger's own, to the last digit."""
    now, zone = timezone.now(), timezone.get_current_timezone()
    today = now.astimezone(zone).date()
    dates = [today - timedelta(days=n) for n in reversed(range(DAYS))]
    since = datetime.combine(dates[0], time.min, zone)
    funds = charges.funds(request.team, now)
    price = quotes.prices(registry.network())
    days = _sums(ledger.spent_by_day(request.team, since, zone), "day")
    pools = _sums(ledger.spent_by_pool(request.team, since), "pool")
    total = Tft(sum(day.total for day in days))
    context = {
        "funds": funds,  # in the sidebar too: two averages on one page would be one too many
        "price": price,
        "usd": dollars(funds.balance, price),
        "days": days,
        "calendar": [next((day for day in days if day.name == date), Sum(date)) for date in dates],
        "highest": max((day.total for day in days), default=Tft()),
        "pools": pools,
        "rebooted": any(pool.refresh for pool in pools),
        "debugged": any(pool.debug for pool in pools),
        "total": total,
        "on_jobs": total - ledger.spent_on_no_job(request.team, since),
        "asked": credit_requests.newest(request.team),
        "may_ask": may(request.role, "funds.ask"),
        "page": paging.page(ledger.entries(request.team), request.GET),
    }
    return render(request, "runners/spend/page.html", context)


@requires("spend.read")
def ledger_csv(request: TeamRequest) -> HttpResponseBase:
    """Every movement of TFT, newest first; times in UTC."""
    entries = ledger.entries(request.team).iterator(AT_ONCE)
    return csv_export.answer(f"ledger-{request.team.slug}", COLUMNS, (_row(entry) for entry in entries))


def _row(entry: ledger.Entry) -> list[object]:
    at = entry.at.astimezone(UTC).isoformat(timespec="seconds")
    return [at, *(getattr(entry, name) for name in COLUMNS[1:])]


class NoteForm(forms.Form):
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=500)


@require_POST
@requires("funds.ask")
def ask_for_credit(request: TeamRequest) -> HttpResponse:
    """Ask the operator for TFT; a second request while one is open changes nothing."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Shorten the note to 500 characters."))
    elif credit_requests.ask(request.team, request.user, form.cleaned_data["note"], timezone.now()):
        messages.success(request, gettext("The request was sent to the operator."))
    else:
        messages.info(
            request, gettext("There is already an open request. Only one request at a time is possible.")
        )
    return redirect("spend", request.team.slug)


def in_sidebar(request: SiteRequest) -> dict[str, object]:
    """Context processor: `funds` on a team's pages, read when the frame is drawn."""
    team, role = getattr(request, "team", None), getattr(request, "role", None)
    if team is None or not may(role, "spend.read"):
        return {}
    return {"funds": SimpleLazyObject(lambda: charges.funds(team, timezone.now()))}


@requires("spend.read")
def funds(request: TeamRequest) -> HttpResponse:
    """The sidebar's box alone, when it has changed."""
    return render(request, "runners/spend/funds.html")


def _sums(rows: list[dict[str, Any]], name: str) -> list[Sum]:
    """Rows of one name together, in the order in which the names come."""
    made: dict[object, Sum] = {}
    for row in rows:
        one = made.setdefault(row[name], Sum(row[name]))
        setattr(one, row["use"], getattr(one, row["use"]) + row["amount"])
    return list(made.values())


def dollars(amount: Tft, price: quotes.Reading | None) -> Decimal | None:
    """For people to compare; None while the price of a TFT is not read."""
    return Decimal(pricing.usd(amount, price.tft_musd)).scaleb(-7) if price else None
