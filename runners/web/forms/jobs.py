"""Filters over a team's jobs, from a URL; with a value that makes no sense they find nothing."""

from datetime import datetime, timedelta
from typing import Any, TypeAlias, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Value
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _

from runners.jobs.search import CAUSES, JobFilter, canonical_name
from runners.models import Job, Pool
from runners.web.forms.fields import LARGEST_ID
from tfci.accounts.models import Team
from tfci.core import days
from tfci.forges import registry
from tfci.forges.models import Connection

# the tabs: a word in the URL -> what it asks for
SHOWN: dict[str, dict[str, Any]] = {
    "in_progress": {"states": (Job.State.IN_PROGRESS,)},
    "queued": {"states": (Job.State.QUEUED,)},
    "waiting": {"states": (Job.State.WAITING,)},
    "refused": {"states": (Job.State.REFUSED,)},
    "not_ours": {"ours": False},
    "failure": {"conclusion": "failure"},
    "cancelled": {"conclusion": "cancelled"},
    "success": {"conclusion": "success"},
}
PERIODS = {
    "1h": (_("Last hour"), timedelta(hours=1)),
    "24h": (_("Last 24 hours"), timedelta(days=1)),
    "7d": (_("Last 7 days"), timedelta(days=7)),
    "30d": (_("Last 30 days"), timedelta(days=30)),
}
CAUSE_WORDS = {
    "memory": _("Out of memory"),
    "disk": _("Disk full"),
    "time": _("Time limit"),
    "processes": _("Too many processes"),
    "agent": _("Agent killed"),
    "network": _("Network lost"),
    "killed": _("VM shut down"),
    "engine": _("Engine failed"),
    "node": _("Node lost"),
    "code": _("Job's own failure"),
}
CONCLUSIONS = {  # that have no tab
    "skipped": _("Skipped"),
    "deleted": _("Deleted"),
    "rerun": _("Rerun"),
}
NOT_WANTED = ("state", "lately", "q")  # of our fields, the others are JobFilter's own


class JobFilterForm(forms.Form):
    """`more`: the fields that stand behind a button."""

    q = forms.CharField(required=False, max_length=200, label=_("Search"))
    connection = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label=_("Connection"))
    repository = forms.CharField(label=_("Repository"), required=False, max_length=300)
    label = forms.CharField(label=_("Label"), required=False, max_length=100)
    pool = forms.TypedChoiceField(label=_("Pool"), required=False, coerce=int, empty_value=None)
    lately = forms.ChoiceField(required=False, label=_("Time"))
    branch = forms.CharField(label=_("Branch"), required=False, max_length=300)
    workflow = forms.CharField(
        label=_("Workflow"), required=False, max_length=300, help_text=_("Workflow file, like ci.yml.")
    )
    node = forms.IntegerField(
        label=_("Node"), required=False, min_value=1, max_value=LARGEST_ID, help_text=_("Its number.")
    )
    cause = forms.ChoiceField(required=False, label=_("Failure reason"))
    conclusion = forms.ChoiceField(required=False, label=_("Other ends"))
    forge = forms.ChoiceField(label=_("Forge"), required=False)
    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(required=False, label=_("To"), widget=forms.DateInput({"type": "date"}))

    MORE = ("branch", "workflow", "node", "cause", "conclusion", "forge", "since", "until")

    def __init__(self, team: Team, query: QueryDict) -> None:
        super().__init__(query)
        self.team = team
        self.shown = query.get("state", "") if query.get("state") in SHOWN else ""
        connections, pools = connections_and_pools(team)
        kinds = [(name, kind.title) for name, kind in registry.KINDS.items()]
        choices: dict[str, list[tuple[Any, str | Promise]]] = {
            "connection": [("", gettext("All connections")), *connections],
            "pool": [("", gettext("All pools")), *pools],
            "lately": [("", gettext("Any time")), *((word, label) for word, (label, _) in PERIODS.items())],
            "cause": [("", gettext("Anything")), *((word, CAUSE_WORDS[word]) for word in CAUSES)],
            "conclusion": [("", gettext("Any")), *CONCLUSIONS.items()],
            "forge": [("", gettext("All forges")), *kinds],
        }
        for name, offered in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = offered
        self.is_valid()

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MORE]

    @property
    def used(self) -> int:
        """How many filters are on."""
        return sum(bool(value) for value in self.cleaned_data.values())

    @property
    def used_more(self) -> int:
        return sum(bool(self.cleaned_data.get(name)) for name in self.MORE)

    def clean_repository(self) -> str:
        typed = self.cleaned_data["repository"]
        return canonical_name(self.team, typed) if typed else ""

    def clean(self) -> dict[str, Any]:
        if (state := self.data.get("state")) and state not in SHOWN:
            raise ValidationError(gettext("There is no state “{state}”.").format(state=state))
        return self.cleaned_data

    def wanted(self, now: datetime) -> JobFilter:
        if not self.is_valid():
            return JobFilter(no_match=True)
        values = {name: value for name, value in self.cleaned_data.items() if value}
        filters = {name: value for name, value in values.items() if name not in NOT_WANTED}
        if "since" in values:
            filters["since"] = days.begin(values["since"])
        if "until" in values:
            filters["until"] = days.end(values["until"])
        if "lately" in values:
            filters["since"] = now - PERIODS[values["lately"]][1]
        return JobFilter(**filters | {"text": values.get("q", "")} | SHOWN.get(self.shown, {}))


Choice: TypeAlias = tuple[int, str]  # a row's number and name


def connections_and_pools(team: Team) -> tuple[list[Choice], list[Choice]]:
    """Numbers and names of its connections and of its pools, deleted ones too, in their order. One query."""
    connections = Connection.objects.of(team).values_list(Value(-1), "name", "pk")
    pools = Pool.objects.of(team).values_list("position", "name", "pk")
    both = sorted(connections.union(pools, all=True))
    return [(pk, name) for at, name, pk in both if at < 0], [(pk, name) for at, name, pk in both if at >= 0]
