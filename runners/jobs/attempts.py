"""Which attempt of a job a reading is of. Pure.

Webhooks come late, twice and out of order, and some forges keep a job's id over all its attempts: an end that arrives
late must end no newer attempt. A reading that we asked for shows the newest attempt as it was then.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Attempt(StrEnum):
    """Against the newest attempt that we know. UNSURE: only its forge can tell."""

    THIS = "this"
    EARLIER = "earlier"
    NEXT = "next"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest attempt that we know. `number`: its forge's, 0 where it tells none. `first`: we know of none before.
    `picked_up`: some runner took it."""

    number: int
    first: bool
    picked_up: bool
    over: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reading shows. `number`: 0 where the forge tells none."""

    number: int
    waits: bool
    over: bool
    picked_up: bool


def of_answer(newest: Newest, shown: Shown) -> Attempt:
    """Of an answer that we asked for after all that is known of this attempt. One that ended before a runner took it
    may share its number with the next one."""
    later = 0 < newest.number < shown.number
    begins_anew = (newest.over and not shown.over) or (newest.picked_up and shown.waits)
    never_ran = newest.over and not newest.picked_up and shown.picked_up and shown.number > 0
    return Attempt.NEXT if later or begins_anew or never_ran else Attempt.THIS


def of_webhook(newest: Newest, shown: Shown, earlier: Collection[int]) -> Attempt:
    """Of a webhook, which may be minutes old. `earlier`: the numbers of the attempts before."""
    if not (shown.number and newest.number):
        surely = newest.first and (shown.over or not newest.over)
        return Attempt.THIS if surely else Attempt.UNSURE
    if shown.number > newest.number:
        return Attempt.NEXT
    if shown.number < newest.number:
        return Attempt.EARLIER if shown.waits or shown.number in earlier else Attempt.UNSURE
    return Attempt.THIS if _is_this(newest, shown) else Attempt.UNSURE


def _is_this(newest: Newest, shown: Shown) -> bool:
    """With equal numbers. Where they count pickups, attempts that were canceled before one share theirs."""
    if shown.over and not shown.picked_up:
        return newest.first and not newest.picked_up
    return newest.picked_up or not newest.over
