"""How amounts, times and sizes read: the only place where they become text for people."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from tfci.core import formatting, names
from tfci.core.formatting import UNITS, longest_unit, plural
from tfci.core.list_prices import peers
from tfci.core.tft import UNIT, Tft

register = template.Library()
register.filter(plural)
register.filter(formatting.gigabytes)
register.filter(formatting.traffic)
register.filter(names.one_line)

NOTHING = "–"
ANY_MOMENT = gettext_noop("any moment")
MINUTE, HOUR, DAY = 60, 3600, 86400


# --- Amounts ------------------------------------------------------------------------------------------------------


@register.filter
def amount(units: int | None) -> str:
    """1e-7 TFT as a number with all seven digits, thousands grouped: 2,614.8061932."""
    if units is None:
        return NOTHING
    whole, _, rest = str(Tft(units)).partition(".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}.{rest}"


@register.filter
def tft(units: int | None) -> str:
    """1e-7 TFT with its unit: 0.0012345 TFT."""
    return NOTHING if units is None else f"{amount(units)} TFT"


@register.filter
def rough(units: int) -> str:
    """1e-7 TFT in whole TFT, for what nobody knows more exactly: 1,391 TFT; 0.31 TFT below ten."""
    amount = Decimal(units) / UNIT
    return f"{amount:,.0f} TFT" if amount >= 10 else f"{amount:.2f} TFT"


@register.filter
def brief(units: int) -> str:
    """1e-7 TFT to three significant digits, for rates and averages: 93, 0.5, 2.13, 0.0000142."""
    amount = Decimal(units) / UNIT
    places = min(7, max(0, 2 - amount.adjusted())) if amount else 0
    return f"{amount:,.{places}f}".rstrip("0").rstrip(".") if places else f"{amount:,.0f}"


@register.filter
def usd(dollars: Decimal | float | None) -> str:
    """US dollars: cents from one dollar on, three significant digits below it ($24.84, $0.150, $0.00142)."""
    if dollars is None:
        return NOTHING
    dollars = Decimal(str(dollars))
    sign, size = ("−" if dollars < 0 else ""), abs(dollars)
    decimals = 2 if size >= 1 or not size else 2 - size.adjusted()
    return f"{sign}${size:,.{decimals}f}"


@register.filter
def price_date(as_of: str) -> str:
    """The day or month of a list price; one of over a year ago says so."""
    if peers.is_old(as_of, timezone.localdate()):
        return gettext("{date}, over a year old").format(date=as_of)
    return as_of


@register.filter
def size(text: str) -> str:
    """A canonical size in words."""
    return formatting.size(text or "") or NOTHING


@register.filter
def counts(numbers: Mapping[str, int]) -> str:
    """How many of each: {"small": 2, "large": 1} is "2 small, 1 large"."""
    return ", ".join(f"{number} {name}" for name, number in numbers.items())


# --- Times --------------------------------------------------------------------------------------------------------


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """A duration (seconds or a timedelta): 0.06 s, 2.5 s, 41 s, 2 min 06 s, 1 h 05 min, 3 days 4 h."""
    if seconds is None:
        return NOTHING
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    if seconds < 9.95:
        return f"{seconds:.2f} s" if 0 < seconds < 0.095 else f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02} s"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE:02} min"
    return f"{plural(whole // DAY, 'day')} {whole % DAY // HOUR} h"


@register.filter
def span(length: timedelta | None) -> str:
    """A long timedelta in its largest unit, for what nobody knows more exactly: 46 days, 5 h, 20 min."""
    if length is None:
        return NOTHING
    return longest_unit(length.total_seconds())


@register.filter
def remaining(length: timedelta | None) -> str:
    """How long something lasts: hours and minutes under two days, then days: 12 min, 1 h 4 min, 31 h, 194 days."""
    if length is None:
        return NOTHING
    minutes = int(length.total_seconds() // MINUTE)
    hours = minutes // 60
    if hours < 1:
        return f"{minutes} min"
    if hours < 10:
        return f"{hours} h {minutes % 60} min"
    return f"{hours} h" if hours < 48 else plural(hours // 24, "day")


@register.filter
def ago(moment: datetime | None) -> str:
    (
        """A <time> that says how long ago (or in how long), with the exact time as its title; static/js/ago.js keeps it
    true. Reads the clock."""
        ""
    )
    if moment is None:
        return gettext("never")
    return time_element(moment, distance(timezone.now() - moment), "data-ago")


@register.filter
def due(moment: datetime | None) -> str:
    """A <time> that says in how long, and once that is over that it may come any moment; kept true likewise."""
    if moment is None:
        return NOTHING
    past = timezone.now() - moment
    over = gettext(ANY_MOMENT)
    text = over if past > timedelta() else distance(past)
    return time_element(moment, text, format_html('data-ago data-due="{}"', over))


@register.filter
def moment(at: datetime | None) -> str:
    """A <time> with date and time in the reader's zone: 24 Nov 2026, 08:31:41."""
    return NOTHING if at is None else time_element(at, local(at, "j M Y, H:i:s"))


@register.filter
def clock(at: datetime | None) -> str:
    """A <time> with the time of day in the reader's zone: 08:31:41."""
    return NOTHING if at is None else time_element(at, local(at, "H:i:s"))


def distance(past: timedelta) -> str:
    """How far away a time is, in its largest unit; ago.js says it in the same words."""
    seconds = round(past.total_seconds())
    length = abs(seconds)
    if length < 1:
        return gettext("now")
    unit, word = next(age for age in UNITS if length >= age[0])
    count = length // unit
    text = plural(count, word) if word == "day" else f"{count} {word}"
    return (gettext("{time} ago") if seconds > 0 else gettext("in {time}")).format(time=text)


def time_element(at: datetime, text: str, mark: str = "") -> SafeString:
    title = local(at, "j M Y, H:i:s T")
    return format_html('<time datetime="{}" title="{}" {}>{}</time>', at.isoformat(), title, mark, text)


def local(at: datetime, form: str) -> str:
    return date_text(timezone.localtime(at), form)
