"""A pool's schedule as people fill it in and as scripts send it: rows of a size, a number, weekdays and hours."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy as _

from runners.pools.schedule import HOURS, WEEKDAYS, Schedule, StoredRow
from runners.web.forms import fields
from tfci.core.untyped import Sent

UTC = ZoneInfo("UTC")
MAX_ROWS = 20
MAX_VMS = 1000
NUMBERS, DAYS = "schedule_row", "schedule_day"  # a row's number in the page; a day is "<number>-mon"
COLUMNS = {
    "size": "schedule_size",
    "vms": "schedule_vms",
    "from_hour": "schedule_from",
    "to_hour": "schedule_to",
}
INPUTS = (NUMBERS, DAYS, *COLUMNS.values())
DAY_NAMES = dict(
    zip(WEEKDAYS, (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")), strict=True)
)

RawRow = Mapping[str, Any]  # as it was typed, or as JSON has it


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row of the page, as it was typed. `fault`: why it can't be read."""

    size: str
    vms: str
    weekdays: Sequence[str]
    from_hour: str
    to_hour: str
    fault: str = ""


class ScheduleInputs(forms.TextInput):
    """One input a column in each row, and checkboxes for its days. JSON has a list of objects."""

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> Sent:
        if not isinstance(data, QueryDict):
            return data.get(name)
        days = data.getlist(DAYS)[: MAX_ROWS * len(WEEKDAYS)]
        columns = {key: data.getlist(name) for key, name in COLUMNS.items()}
        return [
            {key: _cell(texts, n) for key, texts in columns.items()}
            | {"weekdays": [day for day in WEEKDAYS if f"{number}-{day}" in days]}
            for n, number in enumerate(data.getlist(NUMBERS)[: MAX_ROWS + 1])
        ]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: object, name: str) -> bool:
        """A page without rows sends nothing."""
        return False


def _cell(texts: Sequence[str], n: int) -> str:
    return texts[n][: fields.LONGEST].strip() if n < len(texts) else ""


class ScheduleField(forms.Field):
    """Rows as pools/schedule.py stores them. Rows with nothing in them count nothing."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            widget=ScheduleInputs(),
            label=_("Schedule"),
            help_text=_(
                "In these hours, the pool keeps this many VMs of the size ready instead of the number above. A row "
                "that ends before it starts runs into the next day."
            ),
        )

    def to_python(self, value: Sent) -> list[StoredRow]:
        rows = list(value or [])
        if len(rows) > MAX_ROWS:
            raise ValidationError(gettext("At most {most} rows are possible.").format(most=MAX_ROWS))
        faults = [(n, found) for n, row in enumerate(rows, 1) if (found := fault(row))]
        if faults:
            text = gettext("Row {number}: {sentence}")
            raise ValidationError([text.format(number=n, sentence=found) for n, found in faults])
        return [_stored(row) for row in rows if not _is_empty(row)]


def fault(row: object) -> str:
    """What is wrong with a row; "" where nothing is."""
    if not isinstance(row, Mapping):
        return gettext("Send an object with size, vms, weekdays, from_hour and to_hour.")
    if _is_empty(row):
        return ""
    if size_fault := fields.fault(fields.size, str(row.get("size", ""))[: fields.LONGEST]):
        return size_fault
    if not 0 <= _whole(row.get("vms")) <= MAX_VMS:
        return gettext("Enter a number of VMs: 0 to {most}.").format(most=MAX_VMS)
    weekdays = row.get("weekdays")
    if not isinstance(weekdays, list) or not weekdays or not set(map(str, weekdays)) <= set(WEEKDAYS):
        return gettext("Choose at least one weekday.")
    begins, ends = _whole(row.get("from_hour")), _whole(row.get("to_hour"))
    if not (0 <= begins < HOURS and 0 < ends <= HOURS) or begins == ends:
        return gettext("Choose a start from 0 to 23 and another hour from 1 to 24 as the end.")
    return ""


def peak_fault(counts: Mapping[str, int], rows: Iterable[StoredRow], most: int) -> str:
    """What is wrong with rows over a pool's own numbers; "" where they stay within its maximum."""
    peak = Schedule.read(counts, rows, UTC).peak
    if peak <= most:
        return ""
    text = gettext("At one hour {kept} VMs are kept ready, more than the maximum of {most}.")
    return text.format(kept=peak, most=most)


def _is_empty(row: RawRow) -> bool:
    return row.get("size") in (None, "") and row.get("vms") in (None, "")


def _whole(value: object) -> int:
    """-1 for what is no number."""
    return int(str(value)) if re.fullmatch(r"[0-9]{1,4}", str(value)) else -1


def _stored(row: RawRow) -> StoredRow:
    return {
        "size": fields.size(str(row["size"])),
        "vms": _whole(row["vms"]),
        "weekdays": [day for day in WEEKDAYS if day in row["weekdays"]],
        "from_hour": _whole(row["from_hour"]),
        "to_hour": _whole(row["to_hour"]),
    }


def rows_shown(value: Iterable[RawRow], *, checked: bool) -> list[RowShown]:
    """The rows of a field's value; with their faults once somebody sent them."""
    return [
        RowShown(
            **{key: str(row.get(key, "")) for key in COLUMNS},
            weekdays=row.get("weekdays", ()),
            fault=fault(row) if checked else "",
        )
        for row in value
        if isinstance(row, Mapping)
    ]


def working_hours(size: str) -> RowShown:
    """What a new row begins with."""
    return RowShown(size, vms="1", weekdays=WEEKDAYS[:5], from_hour="8", to_hour="18")


def add_row(data: QueryDict) -> None:
    """One more row in what a page sent, for the default size."""
    number, row = (
        1 + max(map(_whole, data.getlist(NUMBERS)), default=-1),
        working_hours(data.get("default_size", "")),
    )
    data.appendlist(NUMBERS, str(number))
    for key, name in COLUMNS.items():
        data.appendlist(name, getattr(row, key))
    for day in row.weekdays:
        data.appendlist(DAYS, f"{number}-{day}")


def remove_row(data: QueryDict, number: str) -> None:
    """Without that row; days that name no row are passed over."""
    numbers = data.getlist(NUMBERS)
    left = [n for n, each in enumerate(numbers) if each != number]
    columns = {name: data.getlist(name) for name in COLUMNS.values()}
    for name, texts in {NUMBERS: numbers, **columns}.items():
        data.setlist(name, [_cell(texts, n) for n in left])
