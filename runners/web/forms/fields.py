"""Fields of our forms, and readers of one entry: its value, or ValueError with a sentence.

A list may come as JSON, as several inputs of one name, or as a text with an entry a line.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy

from runners.jobs import labels
from tfci.core import names
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.core.untyped import Sent
from tfci.forges.models import Connection

Entry = TypeVar("Entry")

LARGEST_ID = 2**63 - 1
IMAGE = re.compile(
    r"[a-z0-9][\w.-]*(:\d+)?(/[a-z0-9][\w.-]*)*(:[\w.-]{1,128})?(@sha256:[0-9a-f]{64})?", re.ASCII
)
WORDS, LINES = r"\s,", r"\n"  # what separates entries
MAX_ENTRIES = 100  # entries of a list, unless its field says otherwise
MOST_SHOWN = 50  # entries of a list over its limit that come back in the form
MOST_SENTENCES = 50  # errors of one field
MOST_CONNECTIONS = 1000  # of a pool: each is checked by itself
LONGEST = 300  # characters of an entry that are read: more than any may have


def up_to(most: int, entries: Iterable[object]) -> list[str]:
    """The entries that aren't empty: one more than `most` where there are more, which tells that there are."""
    texts = (str(entry).strip()[:LONGEST] for entry in entries)
    return list(islice(filter(None, texts), most + 1))


class Entries(forms.Textarea):
    """A list as text; several inputs of its name add up. Stops reading after `most` entries and one."""

    def __init__(self, separator: str, most: int) -> None:
        super().__init__({"rows": 3})
        self.entry, self.most = re.compile(f"[^{separator}]+"), most

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> Sent:
        if not hasattr(data, "getlist"):
            return data.get(name)
        return up_to(
            self.most, (found[0] for text in data.getlist(name) for found in self.entry.finditer(text))
        )

    def format_value(self, value: Sent) -> str | None:
        return value if isinstance(value, str) else "\n".join(map(str, value or []))


def read_each(read: Callable[[str], Entry], texts: Iterable[str]) -> list[Entry]:
    """What `read` makes of each text, or raises ValueError for with a sentence; many sentences at once."""
    values, errors = [], []
    for text in texts:
        try:
            values.append(read(text))
        except ValueError as error:
            errors.append(str(error))
    if errors:
        raise ValidationError(errors[:MOST_SENTENCES])
    return values


def fault(read: Callable[[str], object], text: str) -> str:
    """Why `read` refuses a text; "" where it doesn't."""
    try:
        read(text)
    except ValueError as error:
        return str(error)
    return ""


class ListField(forms.Field):
    """A list without doubles; `read` makes an entry of its text, or raises ValueError."""

    def __init__(
        self,
        *,
        read: Callable[[str], object] = str,
        most: int = MAX_ENTRIES,
        separator: str = WORDS,
        required: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(required=required, widget=Entries(separator, most), **kwargs)
        self.read, self.most = read, most

    def to_python(self, value: Sent) -> list[object]:
        entries = up_to(self.most, value or [])
        if len(entries) > self.most:
            message = gettext(
                "At most {most} entries are possible. The form keeps the first {shown}."
            ).format(most=self.most, shown=self._shown)
            raise ValidationError(message)
        return list(dict.fromkeys(read_each(self.read, entries)))

    def prepare_value(self, value: Sent) -> Sent:
        return value[: self._shown] if value and len(value) > self.most else value

    @property
    def _shown(self) -> int:
        return min(self.most, MOST_SHOWN)


class RowCounts(forms.NumberInput):
    """One number in each row of a table whose first column is the field `beside`: pairs of both. JSON has a dict."""

    def __init__(self, beside: str) -> None:
        super().__init__()
        self.beside = beside

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> Sent:
        if not hasattr(data, "getlist"):
            return data.get(name)
        columns = (
            [text[:LONGEST] for text in data.getlist(column)[:MAX_ENTRIES]] for column in (self.beside, name)
        )
        return list(zip_longest(*columns, fillvalue=""))


@dataclass(frozen=True, slots=True)
class SizeRow:
    """A size that a pool serves with the number of VMs kept ready, both as they were typed. `fault`: why the size
    can't be read."""

    size: str
    count: str
    fault: str = ""

    @property
    def parts(self) -> str:
        """The size, spelled out."""
        return str(labels.Size.parse(self.size.strip())) if self.size.strip() and not self.fault else ""


def size_rows(kept: Sent, sizes: Iterable[str]) -> list[SizeRow]:
    """The value of a CountsField with the sizes beside it, as a pool has them or as they were typed."""
    if isinstance(kept, dict):
        return [SizeRow(size, str(kept.get(size, 0))) for size in dict.fromkeys([*sizes, *kept])]
    return [SizeRow(text, count, text.strip() and fault(size, text)) for text, count in kept]


class CountsField(forms.Field):
    """Size -> how many, as {"small": 2} or as the rows of a page. Rows without a number count nothing; what is wrong
    with the size of a row, the field beside it says."""

    def __init__(self, *, beside: str, **kwargs: Any) -> None:
        super().__init__(required=False, widget=RowCounts(beside), **kwargs)

    def to_python(self, value: Sent) -> dict[str, int]:
        if isinstance(value, str):
            raise ValidationError(gettext("Send a number for each size, like {“small”: 2}."))
        counts = value if isinstance(value, dict) else self._of_rows(value or [])
        if len(counts) > MAX_ENTRIES:
            raise ValidationError(gettext("At most {most} sizes are possible.").format(most=MAX_ENTRIES))
        if any(count < 0 for count in counts.values()):
            raise ValidationError(gettext("Enter a number of VMs: 0 or more."))
        return dict(zip(read_each(size, counts), counts.values(), strict=True))

    def _of_rows(self, rows: Iterable[tuple[str, str]]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for text, number in ((text.strip().lower(), number.strip()) for text, number in rows):
            if not re.fullmatch(r"\d{0,4}", number):
                raise ValidationError(
                    gettext("“{number}” is not a number of VMs. Enter 0 or more.").format(number=number[:40])
                )
            if not int(number or 0) or fault(size, text) and text:
                continue
            if not text or text in counts:
                message = (
                    gettext("Two rows name the size {text}. Keep one.").format(text=text)
                    if text
                    else gettext("Enter a size beside each number.")
                )
                raise ValidationError(message)
            counts[text] = int(number)
        return counts


class ConnectionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # takes none when it runs
    default_error_messages = {
        "required": gettext_lazy("Choose at least one connection."),
        "invalid_choice": gettext_lazy("The team has no connection %(value)s."),
        "invalid_pk_value": gettext_lazy("“%(pk)s” is not the number of a connection."),
    }

    def clean(self, value: Sent) -> QuerySet[Connection]:
        if value and len(value) > MOST_CONNECTIONS:
            raise ValidationError(
                gettext("At most {most} connections are possible.").format(most=MOST_CONNECTIONS)
            )
        return super().clean(value)


class TftFormField(forms.CharField):
    """An amount of TFT above 0; None where it is left out."""

    def to_python(self, value: Sent) -> Tft | None:  # type: ignore[override]  # no text any more
        text = super().to_python(value)
        try:
            found = Tft.parse(text) if text else None
        except ValueError:
            raise ValidationError(
                gettext("Write an amount of TFT with at most 7 decimals, like 0.5.")
            ) from None
        if found is not None and found <= 0:
            raise ValidationError(gettext("Write an amount of TFT above 0, like 0.5."))
        return found


class SecretField(forms.CharField):
    """Never shown again, not even in the form that failed."""

    widget = forms.PasswordInput(attrs={"autocomplete": "off"})

    def clean(self, value: Sent) -> Secret:
        return Secret(super().clean(value))


def number(text: str) -> int:
    """The grid's number of a node or farm."""
    if re.fullmatch(r"[0-9]{1,19}", text) and 0 < int(text) <= LARGEST_ID:
        return int(text)
    raise ValueError(
        gettext("“{text}” is not a number of the grid: write numbers like 42.").format(text=text[:40])
    )


def plain(text: str) -> str:
    """A text that a row can hold and a page can show."""
    if len(text) > 100:
        raise ValueError(gettext("An entry has at most 100 characters."))
    if names.has_hidden(text):
        raise ValueError(str(names.UNFIT))
    return text


def size(text: str) -> str:
    """A size label, in small letters."""
    try:
        labels.Size.parse(plain(text.strip()))
    except ValueError as error:
        raise ValueError(f"{str(error).removesuffix('.')}.") from None
    return text.strip().lower()


def image(text: str) -> str:
    """A container image, "" where none is named."""
    if text and not IMAGE.fullmatch(text):
        raise ValidationError(gettext("Write an image as Docker does, like docker.io/library/node:22."))
    return text


def anchor(text: str) -> str:
    """A label that jobs must carry."""
    if re.search(f"[{WORDS}]", plain(text)):
        raise ValueError(
            gettext("“{text}” can't be a label: labels have no spaces and no commas.").format(text=text)
        )
    if text.lower() in labels.ARM_WORDS:
        raise ValueError(
            gettext(
                "“{text}” can't be an anchor: tick “Run arm64 jobs by emulation” to serve jobs with it."
            ).format(text=text)
        )
    return text


def repository(text: str) -> str:
    if not re.fullmatch(r"[^/\s\x00]{1,100}/[^/\s\x00]{1,100}", text):
        raise ValueError(gettext("“{text}” is not a repository: write it like owner/name.").format(text=text))
    return text
