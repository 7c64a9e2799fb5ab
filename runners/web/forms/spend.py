"""What the spend pages show, from their URLs: days, days to compare with, a grouping, and filters."""

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _

from billing import ledger
from billing.uses import Use
from runners.metering.date_spans import DAY, DateSpan
from runners.metering.spend_sums import IDS, ChargeFilter, GroupBy
from runners.web.forms.fields import LARGEST_ID
from tfci.core.optional import present

Kind = ledger.Entry.Kind
LONGEST, USUAL = 366, 30  # days
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
NONE = "-"  # of a filter: what belongs to no pool, to no repository, and so on
DIMENSIONS = {
    GroupBy.DAY: _("Day"),
    GroupBy.CONNECTION: _("Connection"),
    GroupBy.REPOSITORY: _("Repository"),
    GroupBy.WORKFLOW: _("Workflow"),
    GroupBy.POOL: _("Pool"),
    GroupBy.SIZE: _("Size"),
    GroupBy.NODE: _("Node"),
    GroupBy.PERSON: _("Person"),
}
FILTERS = tuple(by for by in DIMENSIONS if by != GroupBy.DAY)
USES = {
    Use.JOB: _("Job time"),
    Use.BOOT: _("Boot"),
    Use.IDLE: _("Idle"),
    Use.TEARDOWN: _("Teardown"),
    Use.REFRESH: _("Reboot"),
    Use.DEBUG: _("Debug"),
    Use.SERVER: _("Servers"),
}


class DayField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.DateInput({"type": "date"}),
            validators=[MinValueValidator(EARLIEST), MaxValueValidator(LATEST)],
            **kwargs,
        )


class KeyField(forms.CharField):
    """What charges must belong to: a number or a text, "" for none; None filters nothing."""

    def __init__(self, by: GroupBy) -> None:
        super().__init__(label=DIMENSIONS[by], required=False, max_length=300)
        self.by = by

    def clean(self, value: object) -> int | str | None:
        text = super().clean(value)
        if text in ("", NONE):
            return None if text == "" else ""
        if self.by not in IDS:
            return text
        if text.isdecimal() and int(text) <= LARGEST_ID:
            return int(text)
        raise ValidationError(gettext("Choose a number."))


class ChargeFilterForm(forms.Form):
    """Days, and what charges are for."""

    since = DayField(label=_("From"))
    until = DayField(label=_("To"))

    def __init__(self, query: QueryDict) -> None:
        super().__init__(query)
        self.fields |= {by.value: KeyField(by) for by in FILTERS}
        self.is_valid()

    @property
    def within(self) -> ChargeFilter:
        given = {by: self.cleaned_data.get(by.value) for by in FILTERS}
        return ChargeFilter({by: key for by, key in given.items() if key is not None})

    @property
    def other_errors(self) -> list[str]:
        """Of what has no field on the page."""
        shown = [name for name, field in self.fields.items() if isinstance(field, DayField)]
        return [
            f"{self[name].label}: {error}"
            for name in self.errors
            if name not in shown
            for error in self.errors[name]
        ]

    def clean(self) -> dict[str, Any]:
        self.refuse_disorder("since", "until")
        return self.cleaned_data

    def refuse_disorder(self, since: str, until: str) -> None:
        first, last = self.cleaned_data.get(since), self.cleaned_data.get(until)
        if first and last and last < first:
            self.add_error(until, gettext("Choose a last day that is not before the first day."))


class SpendForm(ChargeFilterForm):
    """`span`: the days to show. `compared`: the days to compare them with."""

    before_since = DayField(label=_("Compare from"))
    before_until = DayField(label=_("Compare to"))
    by = forms.ChoiceField(
        required=False, label=_("Group by"), choices=[(by.value, title) for by, title in DIMENSIONS.items()]
    )

    def __init__(self, query: QueryDict, today: date) -> None:
        self.span = DateSpan.ending(today, USUAL)
        self.compared = self.span.before
        super().__init__(query)

    @property
    def group(self) -> GroupBy:
        return GroupBy(self.cleaned_data.get("by") or GroupBy.DAY)

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.refuse_disorder("before_since", "before_until")
        self.span = self._span("since", "until", self.span)
        self.compared = self._span("before_since", "before_until", self.span.before)
        return self.cleaned_data

    def _span(self, since: str, until: str, usual: DateSpan) -> DateSpan:
        """From one field to the other; as long as usual where one is empty."""
        first: date | None = self.cleaned_data.get(since)
        last: date | None = self.cleaned_data.get(until)
        if self.errors or not (first or last):
            return usual
        others = DAY * (usual.length - 1)
        chosen = DateSpan(first or present(last) - others, last or present(first) + others)
        if chosen.length > LONGEST:
            self.add_error(until, gettext("Choose at most {days} days.").format(days=LONGEST))
            return usual
        return chosen


class LedgerForm(ChargeFilterForm):
    """Of all entries: also by what they are and what VMs’ time was used for."""

    kind = forms.ChoiceField(
        required=False,
        label=_("What"),
        choices=lambda: [
            ("", gettext("All entries")),
            *((kind, capfirst(kind.label)) for kind in Kind if kind != Kind.SWEEP),
        ],
    )
    use = forms.ChoiceField(required=False, label=_("Use"), choices=[("", _("All uses")), *USES.items()])

    @property
    def within(self) -> ChargeFilter:
        use = self.cleaned_data.get("use")
        return replace(super().within, use=Use(use) if use else None)
