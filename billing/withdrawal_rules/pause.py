"""Who must wait before they can take TFT out, because they have just changed how they sign in, or have just become an
owner. Whoever has taken an account over does one of these first, and its real owner learns of it by mail. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class PauseCause(StrEnum):
    SIGN_IN = "sign_in"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Pause:
    """`change`: the latest, after which this person can take out nothing before `until`."""

    change: PauseCause
    until: datetime


def pause(
    sign_in_changed_at: datetime | None, owner_since: datetime, length: timedelta, now: datetime
) -> Pause | None:
    changes = [(owner_since, PauseCause.ROLE)]
    if sign_in_changed_at:
        changes.append((sign_in_changed_at, PauseCause.SIGN_IN))
    changed_at, change = max(changes)
    until = changed_at + length
    return Pause(change, until) if now < until else None
