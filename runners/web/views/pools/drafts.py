"""A pool that somebody is still filling in: what the form's buttons change of it, and its way through the node
finder and back."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from runners.web.forms import PoolForm, schedule
from tfci.accounts.requests import TeamRequest

KEPT = "pool_draft"  # in the session
LONGEST = 100_000  # characters of what is kept there
EUROPE = "Europe"
PLACES = ("regions", "countries", "farms", "node_ids")
FAST_SUCCESS, FAST_IDLE = "90", "30"  # percent, minutes


@dataclass(frozen=True, slots=True)
class Preset:
    """Values of the form's fields, in the place of those that it names; `ready`: VMs of the default size that are kept
    ready, None for those that there are; `finds`: goes on to the node finder."""

    name: Promise
    help: Promise
    values: Mapping[str, list[str]]
    ready: int | None = None
    finds: bool = False


PRESETS = {
    "cheapest": Preset(
        gettext_lazy("Cheapest"),
        gettext_lazy("All nodes, and no VMs kept ready"),
        {name: [] for name in (*PLACES, "certified", "min_success_percent")} | {"linger_minutes": ["0"]},
        ready=0,
    ),
    "fast": Preset(
        gettext_lazy("Fast start"),
        gettext_lazy("One VM kept ready, on nodes that start reliably"),
        {"min_success_percent": [FAST_SUCCESS], "linger_minutes": [FAST_IDLE]},
        ready=1,
    ),
    "europe": Preset(
        gettext_lazy("Europe only, certified"),
        gettext_lazy("Certified nodes in the region Europe"),
        {name: [] for name in PLACES} | {"regions": [EUROPE], "certified": ["on"]},
    ),
    "exact": Preset(
        gettext_lazy("Exact nodes"),
        gettext_lazy("Tick single nodes in the node finder"),
        {name: [] for name in PLACES if name != "node_ids"},
        finds=True,
    ),
}


def offered(regions: Collection[str]) -> dict[str, Preset]:
    """Those that make sense on a grid with these regions."""
    return {
        name: preset
        for name, preset in PRESETS.items()
        if set(preset.values.get("regions", ())) <= set(regions)
    }


def filled_in(request: TeamRequest) -> QueryDict | None:
    """What stands in the form, changed by the button that was pressed, or by nodes that were ticked in the finder; None
    where nothing was filled in."""
    data = request.POST.copy()
    for button, change in BUTTONS.items():
        if button in data:
            change(data, data.get(button, ""))
    if "draft" in request.GET and not data:
        kept = request.session.get(KEPT, {})
        if kept.get("path") == request.path:
            data = QueryDict(kept["data"], mutable=True)
            ticked = request.GET.getlist("node")
            data.setlist("node_ids", list(dict.fromkeys([*data.getlist("node_ids"), *ticked])))
    return data or None


def finds(data: QueryDict) -> bool:
    """Whether the button that was pressed opens the node finder."""
    preset = PRESETS.get(data.get("preset", ""))
    return "find" in data or (preset is not None and preset.finds)


def set_aside(request: TeamRequest, data: QueryDict) -> None:
    """For the way back from the finder."""
    names = (*PoolForm.base_fields, *schedule.INPUTS)
    fields = [(name, data.getlist(name)) for name in names if name in data]
    request.session[KEPT] = {"path": request.path, "data": urlencode(fields, doseq=True)[:LONGEST]}


def _add(data: QueryDict, what: str) -> None:
    if what == "hours":
        schedule.add_row(data)
        return
    data.appendlist("sizes", "")
    data.setlist("min_vms", _counts(data))


def _remove(data: QueryDict, row: str) -> None:
    rows = list(zip(data.getlist("sizes"), _counts(data), strict=True))
    left = [pair for number, pair in enumerate(rows) if str(number) != row]
    data.setlist("sizes", [size for size, _ in left])
    data.setlist("min_vms", [count for _, count in left])


def _preset(data: QueryDict, name: str) -> None:
    preset = PRESETS.get(name)
    if preset is None:
        return
    for field, values in preset.values.items():
        data.setlist(field, values)
    if preset.ready is not None:
        _keep_ready(data, preset.ready)


def _keep_ready(data: QueryDict, ready: int) -> None:
    size = data.get("default_size", "").strip().lower()
    sizes = [text.strip().lower() for text in data.getlist("sizes")]
    sizes += [size] if ready and size not in sizes else []
    data.setlist("sizes", sizes)
    data.setlist("min_vms", [str(ready if text == size else 0) for text in sizes])


def _counts(data: QueryDict) -> list[str]:
    """One for each size."""
    sizes, counts = data.getlist("sizes"), data.getlist("min_vms")
    return [*counts, *[""] * len(sizes)][: len(sizes)]


BUTTONS: dict[str, Callable[[QueryDict, str], None]] = {
    "add": _add,
    "remove": _remove,
    "remove_hours": schedule.remove_row,
    "preset": _preset,
}
