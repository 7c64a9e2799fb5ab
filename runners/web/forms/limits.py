"""A spending limit of a team."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from billing.spending.changes import LimitRow
from billing.spending.limit import Limit
from billing.spending_kinds import LimitPeriod, LimitScope
from runners.jobs import search
from runners.models import Pool
from runners.web.forms import fields
from tfci.accounts.models import Team
from tfci.core.tft import UNIT, Tft

MOST_TFT = Tft.parse("1000000000")
STOP, WARN = "stop", "warn"


class Target(NamedTuple):
    """Whose spending; `name`: of the pool or repository."""

    scope: LimitScope
    pool_id: int | None = None
    repository: str = ""
    name: str = ""


class AmountForm(forms.Form):
    """What can be changed of a limit."""

    amount = forms.CharField(
        label=_("Limit (TFT)"), max_length=20, widget=forms.TextInput({"inputmode": "decimal"})
    )
    stops = forms.ChoiceField(
        label=_("When it is reached"),
        choices=[
            (STOP, _("Stop: no VM starts for it; running jobs continue, unless their pool ends them")),
            (WARN, _("Warn only: alerts on pages and by mail")),
        ],
        initial=STOP,
        widget=forms.RadioSelect,
    )

    @classmethod
    def of(cls, row: LimitRow, data: Mapping[str, Any] | None = None) -> "AmountForm":
        return cls(data, initial=cls.data_of(row))

    @staticmethod
    def data_of(row: LimitRow) -> dict[str, Any]:
        """A limit as data for this form, which changes nothing."""
        return {
            "amount": f"{row.amount / UNIT:.7f}".rstrip("0").rstrip("."),
            "stops": STOP if row.stops else WARN,
        }

    def clean_amount(self) -> Tft:
        try:
            amount = Tft.parse(self.cleaned_data["amount"])
        except ValueError as error:
            raise ValidationError(
                gettext("Enter a number of TFT with at most 7 decimals, like 100 or 0.5.")
            ) from error
        if not 0 < amount <= MOST_TFT:
            raise ValidationError(gettext("Enter more than 0 and up to 1,000,000,000 TFT."))
        return amount

    def clean_stops(self) -> bool:
        stops: bool = self.cleaned_data["stops"] == STOP
        return stops


class LimitForm(AmountForm):
    """A new one. `target`: "team", "pool:7" or "repository:acme/app"."""

    target = forms.CharField(label=_("Spending of"), max_length=300, widget=forms.Select)
    period = forms.ChoiceField(
        label=_("Period"),
        choices=[
            (LimitPeriod.DAY.value, _("A day")),
            (LimitPeriod.MONTH.value, _("A month")),
            (LimitPeriod.JOB.value, _("A job")),
        ],
    )
    field_order = ("target", "period", "amount", "stops")

    def __init__(self, team: Team, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.team = team
        self.fields["period"].help_text = gettext(
            "Days and months begin at midnight in the team’s time zone, {zone}."
        ).format(zone=team.time_zone.replace("_", " "))
        pools = Pool.objects.of(team).filter(closing_at=None, closed_at=None).order_by("position", "pk")
        self.pools = dict(pools.values_list("pk", "name"))
        target = self.fields["target"].widget
        assert isinstance(target, forms.Select)  # noqa: S101 - the field's own
        target.choices = [
            ("team", gettext("The whole team")),
            (gettext("Pools"), [(f"pool:{pk}", name) for pk, name in self.pools.items()]),
            (gettext("Repositories"), [(f"repository:{name}", name) for name in search.repositories(team)]),
        ]

    def clean_target(self) -> Target:
        scope, _, which = self.cleaned_data["target"].partition(":")
        match scope:
            case "pool" if which.isdecimal() and int(which) in self.pools:
                return Target(LimitScope.POOL, int(which), name=self.pools[int(which)])
            case "repository":
                name = search.canonical_name(self.team, fields.read_each(fields.repository, [which])[0])
                return Target(LimitScope.REPOSITORY, None, name, name)
            case "team":
                return Target(LimitScope.TEAM)
        raise ValidationError(gettext("Choose the whole team, one of its pools, or a repository."))

    def limit(self) -> Limit:
        """What was filled in; call it once the form is valid."""
        values = self.cleaned_data
        target, period = values["target"], LimitPeriod(values["period"])
        facts = {"pool_id": target.pool_id, "repository": target.repository, "name": target.name}
        return Limit(0, target.scope, period, values["amount"], values["stops"], **facts)
