"""What a month costs, with the visitor's numbers, and where others are cheaper."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy

from billing import price_parts
from runners.jobs.labels import NAMED, Size
from tfci.accounts.requests import SiteRequest
from tfci.core.list_prices.current import GITHUB, PEERS, UBICLOUD
from tfci.core.optional import present
from tfci.pages import month, rates
from tfci.pages.chart import Chart
from tfci.pages.rate_limit import paced

A_MINUTE = 120  # calls of one address; typing sends some
OTHER_CU, OTHER_SU = 22, 14  # USD a month: the policy of ThreeFold's manual as of 2025-08
ASSUMED_BOOT, ASSUMED_TEARDOWN = 80, 10  # seconds; never measured on a ThreeFold node
OVERHEAD = timedelta(seconds=ASSUMED_BOOT + ASSUMED_TEARDOWN)  # of each job, on a VM of its own


class MonthForm(forms.Form):
    """A visitor's month; what is left out is as in a first visit."""

    jobs = forms.IntegerField(label=gettext_lazy("Jobs per day"), min_value=1, max_value=100_000, initial=40)
    minutes = forms.DecimalField(
        label=gettext_lazy("Minutes per job"), min_value=Decimal("0.1"), max_value=1440, initial=6
    )
    size = forms.CharField(label=gettext_lazy("Size"), max_length=60, initial="small")
    standby = forms.IntegerField(label=gettext_lazy("Kept ready"), min_value=0, max_value=1000, initial=0)
    nodes = forms.ChoiceField(
        label=gettext_lazy("Nodes"), choices=[("any", "any"), ("certified", "certified")], initial="any"
    )
    boot = forms.IntegerField(
        label=gettext_lazy("Seconds for boot and teardown"),
        min_value=0,
        max_value=3600,
        initial=OVERHEAD // timedelta(seconds=1),
    )

    def clean_size(self) -> Size:
        try:
            return Size.parse(self.cleaned_data["size"])
        except ValueError as error:
            raise ValidationError(f"{error}.") from None

    def month(self) -> month.Month:
        values = self.cleaned_data
        return month.Month(
            values["size"],
            values["jobs"],
            timedelta(seconds=float(60 * values["minutes"])),
            timedelta(seconds=values["boot"]),
            values["standby"],
            values["nodes"] == "certified",
        )


@dataclass(frozen=True, slots=True)
class Bar:
    """One product's month; `usd` is None where it has no such size."""

    name: str
    usd: Decimal | None
    note: str
    ours: str = ""  # now or other: which policy


@dataclass(frozen=True, slots=True)
class PolicyMonth:
    """The month under one policy; who of the others is cheaper."""

    at: rates.Rates
    bill: month.MonthlyBill
    cheaper: list[str]


@login_not_required
@paced(A_MINUTE)
def pricing(request: SiteRequest) -> HttpResponse:
    """The calculator and what stands behind it; with htmx the answer of the calculator alone."""
    first = {name: field.initial for name, field in MonthForm.base_fields.items()}
    form = MonthForm(first | request.GET.dict())
    at = rates.now()
    context = {"form": form, "named": NAMED, "at": at, "made_up": rates.made_up()}
    if form.is_valid() and at:
        context |= _worked_out(form.month(), at)
    if request.htmx:
        return render(request, "site/pricing.html#bill", context)
    return render(request, "site/pricing.html", context | _behind(at))


def _worked_out(month_asked: month.Month, at: rates.Rates) -> dict[str, Any]:
    others = list(month.elsewhere(month_asked))
    now, other = (_policy(month_asked, one, others) for one in (at, at.under(OTHER_CU, OTHER_SU)))
    bars = [Bar(one.peer.name, one.usd, one.note) for one in others]
    bars += [Bar("", now.bill.total.usd, "", "now"), Bar("", other.bill.total.usd, "", "other")]
    known = sorted((bar for bar in bars if bar.usd is not None), key=lambda bar: present(bar.usd))
    return {
        "made_of": price_parts.of_size(month_asked.size, at.prices, certified=month_asked.certified),
        "month": month_asked,
        "now": now,
        "other": other,
        "bars": known + [bar for bar in bars if bar.usd is None],
        "longest": known[-1].usd,
    }


def _policy(month_asked: month.Month, at: rates.Rates, others: list[month.Elsewhere]) -> PolicyMonth:
    bill = month.here(month_asked, at)
    dear = [one.peer.name for one in others if one.usd is not None and one.usd < bill.total.usd]
    return PolicyMonth(at, bill, dear)


def _behind(at: rates.Rates | None) -> dict[str, Any]:
    """The sections below: standby, sizes, sources."""
    return {"peers": PEERS, "included": month.INCLUDED} | (_standby(at) | {"sizes": _sizes(at)} if at else {})


def _sizes(at: rates.Rates) -> list[dict[str, Any]]:
    other = at.under(OTHER_CU, OTHER_SU)
    return [
        {
            "name": name,
            "size": size,
            "minute": at.minute(size),
            "month": standing(size, at),
            "other": other.minute(size).usd,
            "github": GITHUB.per_minute.get(size.cpu),
        }
        for name, size in NAMED.items()
    ]


def standing(size: Size, at: rates.Rates) -> rates.Cost:
    """One VM kept ready for a month."""
    return at.cost(size, rates.HOURS * 60 * rates.MINUTE)


def _standby(at: rates.Rates) -> dict[str, Any]:
    """One `small` kept ready, against minutes of others: below which number they are cheaper than it."""
    small = NAMED["small"]
    cost = standing(small, at)
    dearer = standing(small, at.under(OTHER_CU, OTHER_SU)).usd
    crossings = {peer.name: month.even_at(cost.usd, peer, small.cpu) for peer in (GITHUB, UBICLOUD)}
    return {
        "standing": cost,
        "standing_other": dearer,
        "crossings": crossings,
        "crossings_other": {peer.name: month.even_at(dearer, peer, small.cpu) for peer in (GITHUB, UBICLOUD)},
        "chart": Chart.of(
            cost.usd,
            {peer.name: peer.per_minute[small.cpu] for peer in (GITHUB, UBICLOUD)},
            max(present(minutes) for minutes in crossings.values()),
        ),
    }
