"""What the keys of charges are called, and links that add and remove them as filters."""

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _

from runners.metering.spend_sums import GroupBy
from runners.web.forms.jobs import connections_and_pools
from runners.web.forms.spend import DIMENSIONS, NONE, ChargeFilterForm
from tfci.accounts.models import Team
from tfci.core import formatting

OF_NONE = {
    GroupBy.CONNECTION: _("No job"),
    GroupBy.REPOSITORY: _("No job"),
    GroupBy.WORKFLOW: _("No job, or unknown"),
    GroupBy.POOL: _("Servers"),
    GroupBy.SIZE: _("Unknown"),
    GroupBy.NODE: _("Unknown"),
    GroupBy.PERSON: _("No job, or unknown"),
}
PAGES = ("from", "older", "newer")  # a filter begins with the first page


@dataclass(frozen=True, slots=True)
class FilterShown:
    title: Promise
    name: str
    field: str  # of the query, and its value there
    value: str
    without: str  # the query that removes it


class ChargeNames:
    """Connections and pools go by the names that they have today."""

    def __init__(self, team: Team) -> None:
        self.team = team

    @cached_property
    def _rows(self) -> dict[GroupBy, dict[int, str]]:
        connections, pools = connections_and_pools(self.team)
        return {GroupBy.CONNECTION: dict(connections), GroupBy.POOL: dict(pools)}

    def name(self, by: GroupBy, key: int | str) -> str:
        if key == "":
            return str(OF_NONE[by])
        if by == GroupBy.SIZE:
            return formatting.size(str(key))
        if by == GroupBy.NODE:
            return gettext("Node {number}").format(number=key)
        if by in (GroupBy.CONNECTION, GroupBy.POOL):
            return self._rows[by].get(int(key)) or f"{DIMENSIONS[by]} {key}"
        return str(key)


def filters(form: ChargeFilterForm, names: ChargeNames, query: QueryDict) -> list[FilterShown]:
    """Those that are on."""
    return [
        FilterShown(DIMENSIONS[by], names.name(by, key), by, written(key), link(query, **{by.value: None}))
        for by, key in form.within.keys.items()
    ]


def link(query: QueryDict, **changed: str | None) -> str:
    """The same query with other values; None removes one."""
    rest = query.copy()
    for name in (*PAGES, *changed):
        rest.pop(name, None)
    rest.update({name: value for name, value in changed.items() if value is not None})
    return "?" + rest.urlencode()


def written(key: int | str) -> str:
    """As a filter's value."""
    return NONE if key == "" else str(key)
