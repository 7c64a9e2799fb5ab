"""A team's spend: its balance and how long that lasts, and where its TFT went."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from billing import credit_requests, pricing, quotes
from billing.uses import Use
from runners.metering import charges, forecasts, spend_sums
from runners.metering.date_spans import DAY, DateSpan, midnight
from runners.metering.spend_sums import ChargeFilter, GroupBy, Period
from runners.web.forms.spend import DIMENSIONS, USES, SpendForm
from runners.web.views import charge_names, spend_table
from runners.web.views.charge_names import ChargeNames
from runners.web.views.spend_table import SpendRow
from tfci.accounts.access import may, requires
from tfci.accounts.requests import SiteRequest, TeamRequest
from tfci.core import paging
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.templatetags.draw import thousandths
from tfci.templatetags.show import amount

ROWS = 40  # of a page
PRESETS = {7: gettext_lazy("7 days"), 30: gettext_lazy("30 days"), 90: gettext_lazy("90 days")}


DRILL = (  # what a row that is clicked is shown by
    *(GroupBy.REPOSITORY, GroupBy.WORKFLOW, GroupBy.PERSON, GroupBy.POOL, GroupBy.SIZE, GroupBy.CONNECTION),
    GroupBy.NODE,
)


@dataclass(frozen=True, slots=True)
class SpendRowShown:
    """`cells`: how each looks, its label and its text. `day`: where it is one's. `link`: the query that shows what is
    in it, or ""."""

    row: SpendRow
    cells: list[tuple[str, str, str]]
    name: str = ""
    day: date | None = None
    link: str = ""


@requires("spend.read")
def spend(request: TeamRequest) -> HttpResponse:
    """The balance and all sums are the ledger's own, to the last digit."""
    now = timezone.now()
    today = now.astimezone(request.team.zone).date()
    form, names = SpendForm(request.GET, today), ChargeNames(request.team)
    funds, price = charges.funds(request.team, now), quotes.prices(registry.network())
    forecast = forecasts.of_team(request.team, now)
    context: dict[str, object] = {
        "forecast": forecast,
        "lasts": forecast.coming.time_left(funds.balance),
        "funds": funds,  # in the sidebar too: two averages on one page would be one too many
        "price": price,
        "usd": dollars(funds.balance, price),
        "asked": credit_requests.newest(request.team),
        "may_ask": may(request.role, "funds.ask"),
        "may_withdraw": may(request.role, "funds.withdraw"),
        "form": form,
        "zone": request.team.time_zone,
        "filters": charge_names.filters(form, names, request.GET),
        "presets": _presets(form.span, today, request.GET),
        "groups": [
            (title, charge_names.link(request.GET, by=by.value), by == form.group)
            for by, title in DIMENSIONS.items()
        ],
    }
    if form.is_valid():
        context |= _found(request, form, names)
    return render(request, "runners/spend/page.html", context)


def _found(request: TeamRequest, form: SpendForm, names: ChargeNames) -> dict[str, object]:
    """Table and chart, of one reading."""
    by, span, query, zone = form.group, form.span, request.GET, request.team.zone
    groups = list(dict.fromkeys((GroupBy.DAY, by)))
    spans = (span, form.compared)
    periods = [Period(midnight(one.first, zone), midnight(one.last + DAY, zone)) for one in spans]
    spent, before = spend_sums.compare(request.team, groups, periods, form.within, zone)
    if by == GroupBy.DAY:
        rows = spend_table.day_rows(spent[by], before[by], span, form.compared)
    else:
        rows = spend_table.rows(spent[by], before[by])
    uses, page = spend_table.uses(spent[by]), paging.by_place(rows, query, ROWS)
    columns = spend_table.chart(spent[GroupBy.DAY], span)
    total = spend_table.total(rows)
    all_of_it = _cells(total, total, uses)
    return {
        "title": DIMENSIONS[by],
        "labels": [label for _, label, _ in all_of_it.cells],
        "page": page,
        "rows": [_shown(row, total, form, names, query, uses) for row in page.items],
        "total": all_of_it,
        "columns": columns,
        "highest": max(column.total for column in columns),
        "entries": _entries(form),
        "is_whole": form.within == ChargeFilter(),
        "days": urlencode({"since": span.first, "until": span.last}),
    }


def _cells(row: SpendRow, total: SpendRow, uses: list[Use]) -> SpendRowShown:
    whole, spent, difference = int(total.spent.amount), row.spent.amount, row.difference
    share = (2000 * int(spent) + whole) // (2 * whole) if whole > 0 else 0  # half up
    cells = [("n", str(USES[use]), amount(row.spent.uses[use])) for use in uses]
    cells.append(("n strong", gettext("Total"), amount(spent)))
    cells.append(("n", gettext("Share"), thousandths(share)))
    cells.append(("n", gettext("Before"), amount(row.before)))
    cells.append(("n", gettext("Change"), f"{'+' if difference > 0 else ''}{amount(difference)}"))
    return SpendRowShown(row, cells)


def _shown(
    row: SpendRow,
    total: SpendRow,
    form: SpendForm,
    names: ChargeNames,
    query: QueryDict,
    uses: list[Use],
) -> SpendRowShown:
    """With its name, and a link to what is in it."""
    by, keys = form.group, form.within.keys
    shown = _cells(row, total, uses)
    following = next((other for other in DRILL if other != by and other not in keys), GroupBy.DAY)
    if by != GroupBy.DAY:
        link = charge_names.link(query, by=following, **{by.value: charge_names.written(row.key)})
        return replace(shown, name=names.name(by, row.key), link="" if by in keys else link)
    if not row.key:
        return replace(shown, name=gettext("Further days of the period before"))
    day = {"since": row.key, "until": row.key, "before_since": None, "before_until": None}
    link = charge_names.link(query, by=following, **day)
    return replace(shown, day=date.fromisoformat(row.key), link="" if form.span.length == 1 else link)


def _entries(form: SpendForm) -> str:
    """The query of the ledger's page that has what is added up here."""
    keys = {by.value: charge_names.written(key) for by, key in form.within.keys.items()}
    return urlencode({"since": form.span.first, "until": form.span.last, **keys})


def _presets(span: DateSpan, today: date, query: QueryDict) -> list[tuple[Promise, str, bool]]:
    """Each with its query, and whether it is what is shown."""
    month = DateSpan.month(today)
    spans = [(title, DateSpan.ending(today, length)) for length, title in PRESETS.items()]
    spans += [
        (gettext_lazy("This month"), DateSpan(month.first, today)),
        (gettext_lazy("Last month"), DateSpan.month(month.first - DAY)),
    ]
    return [(title, _query(query, one), one == span) for title, one in spans]


def _query(query: QueryDict, span: DateSpan) -> str:
    bounds = {"since": str(span.first), "until": str(span.last)}
    return charge_names.link(query, **bounds, before_since=None, before_until=None)


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


def dollars(amount: Tft, price: quotes.Reading | None) -> Decimal | None:
    """For people to compare; None while the price of a TFT is not read."""
    return Decimal(pricing.usd(amount, price.tft_musd)).scaleb(-7) if price else None
