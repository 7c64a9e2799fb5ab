"""Days of the reader's zone as moments."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def end(day: date) -> datetime:
    """The begin of the day after; after the calendar's last day there is none, so its last moment."""
    return (
        begin(day + timedelta(days=1))
        if day < date.max
        else timezone.make_aware(datetime.combine(day, time.max))
    )
