"""All teams, and one of them: its people, pools, links, money; and TFT put on its wallet by hand."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from billing import accounts, ledger, limits
from billing.funds import Average, Funds, Rate, averages
from runners.connections import health, health_facts
from runners.metering import charges
from runners.models import VM, Pool
from runners.web.forms.team_limits import TeamLimitsForm
from tfci.accounts.access import operator
from tfci.accounts.models import Membership, Role, Team
from tfci.accounts.requests import SignedInRequest
from tfci.core import paging
from tfci.core.tft import Tft
from tfci.forges.models import Connection

DAY = timedelta(days=1)
MAX_CREDIT = Tft.parse("1000000")  # of one credit: a slip of the finger is no more than that


class CreditForm(forms.Form):
    """`key` is the credit's own, so that a form sent twice counts once."""

    amount = forms.CharField(label="TFT", max_length=20, widget=forms.TextInput({"inputmode": "decimal"}))
    why = forms.CharField(
        label=gettext_lazy("Why"), max_length=200, help_text=gettext_lazy("Shown in the team’s audit log.")
    )
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def clean_amount(self) -> Tft:
        try:
            amount = Tft.parse(self.cleaned_data["amount"])
        except ValueError as error:
            raise ValidationError(
                gettext("Enter a number of TFT with at most 7 decimals, like 100 or 0.5.")
            ) from error
        if not 0 < amount <= MAX_CREDIT:
            raise ValidationError(gettext("Enter more than 0 and up to 1,000,000 TFT."))
        return amount


@operator
def teams(request: SignedInRequest) -> HttpResponse:
    """Newest first, or those whose address begins with what was asked for."""
    now, prefix = timezone.now(), request.GET.get("q", "").strip().lower()[:60]
    found = Team.objects.filter(slug__startswith=prefix) if prefix else Team.objects.all()
    page = paging.page(found, request.GET)
    context = {"page": page, "rows": _rows(page.items, now), "q": prefix}
    return render(request, "operator/teams.html", context)


def _rows(shown: list[Team], now: datetime) -> list[dict[str, Any]]:
    ids = [team.pk for team in shown]
    held, spent = _funds(ids, now), ledger.spent_by_team(ids, now - DAY)
    alive = _count(VM.objects.filter(team__in=ids).alive())
    people, owners = _count(Membership.objects.filter(team__in=ids)), _owners(ids)
    return [
        {
            "team": team,
            "people": people.get(team.pk, 0),
            "owner": owners.get(team.pk, ""),
            "vms": alive.get(team.pk, 0),
            "funds": held[team.pk],
            "spent": spent.get(team.pk, Tft()),
        }
        for team in shown
    ]


def _funds(ids: list[int], now: datetime) -> dict[int, Funds]:
    """By team. Three queries."""
    held, rate, average = ledger.balances(ids), charges.rates(ids), averages(ids, now)
    return {
        team: Funds(Tft(held.get(team, 0)), rate.get(team, Rate()), average.get(team, Average()))
        for team in ids
    }


def _count(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.order_by().values_list("team").annotate(Count("pk")))


def _owners(ids: list[int]) -> dict[int, str]:
    """Whom to write to: each team's first owner."""
    owning = Membership.objects.filter(team__in=ids, role=Role.OWNER).order_by("-pk")
    return dict(owning.values_list("team", "user__email"))


@operator
def team(request: SignedInRequest, slug: str) -> HttpResponse:
    return _page(request, get_object_or_404(Team, slug=slug))


@operator
@require_POST
def credit(request: SignedInRequest, slug: str) -> HttpResponse:
    """TFT onto its wallet, and a line in its audit log and in ours."""
    found, form = get_object_or_404(Team, slug=slug), CreditForm(request.POST)
    if not form.is_valid():
        return _page(request, found, credit=form)
    values = form.cleaned_data
    now = timezone.now()
    try:
        new = accounts.credit(found, values["key"], values["amount"], values["why"], request.user, now)
    except ledger.KeyTaken:
        messages.error(request, gettext("This form was already sent with another amount. Nothing was added."))
        return redirect("operator_team", found.slug)
    if new:
        messages.success(
            request,
            gettext("{amount} TFT was added to the wallet of {team}.").format(
                amount=values["amount"], team=found.name
            ),
        )
    else:
        messages.info(request, gettext("This credit was already added. It counts once."))
    return redirect("operator_team", found.slug)


@operator
@require_POST
def set_limits(request: SignedInRequest, slug: str) -> HttpResponse:
    """What it may have at once, where that differs from the settings."""
    found = get_object_or_404(Team, slug=slug)
    form = TeamLimitsForm(request.POST, own=limits.own(found.pk))
    if not form.is_valid():
        return _page(request, found, caps=form)
    limits.change(found, form.caps(), request.user, timezone.now())
    messages.success(request, gettext("The limits of {team} are saved.").format(team=found.name))
    return redirect("operator_team", found.slug)


def _page(
    request: SignedInRequest,
    found: Team,
    credit: CreditForm | None = None,
    caps: TeamLimitsForm | None = None,
) -> HttpResponse:
    """The team, with a form that was refused in the place of a fresh one."""
    refused, now = credit or caps, timezone.now()
    linked = Connection.objects.filter(team=found, disconnected_at=None).order_by("name")
    context = {
        "team": found,
        "form": credit or CreditForm(initial={"key": secrets.token_hex(16)}),
        "limits_form": caps or TeamLimitsForm(own=limits.own(found.pk)),
        "people": found.memberships.select_related("user").order_by("pk")[:100],
        "pools": Pool.objects.filter(team=found, closed_at=None).order_by("position", "pk"),
        "connections": health.assess(health_facts.counted(linked, now), now),
        "held": charges.funds(found, now),
        "day": ledger.spent_by_team([found.pk], now - DAY).get(found.pk, Tft()),
    }
    return render(request, "operator/team.html", context, status=422 if refused else 200)
