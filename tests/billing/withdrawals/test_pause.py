"""Who has just changed how they sign in, or has just become an owner, waits."""

from datetime import timedelta

import pytest

from billing.withdrawal_rules.pause import Pause, PauseCause, pause
from tests.builders import NOON

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LONG_AGO = NOON - timedelta(days=100)


@pytest.mark.parametrize(
    ("sign_in_changed_at", "owner_since", "found"),
    [
        (None, LONG_AGO, None),
        (LONG_AGO, LONG_AGO, None),
        (NOON, LONG_AGO, Pause(PauseCause.SIGN_IN, NOON + DAY)),
        (NOON - DAY + SECOND, LONG_AGO, Pause(PauseCause.SIGN_IN, NOON + SECOND)),
        (NOON - DAY, LONG_AGO, None),
        (None, NOON - SECOND, Pause(PauseCause.ROLE, NOON - SECOND + DAY)),
        (None, NOON - DAY, None),
        (NOON - 2 * SECOND, NOON - SECOND, Pause(PauseCause.ROLE, NOON - SECOND + DAY)),
        (NOON - SECOND, NOON - 2 * SECOND, Pause(PauseCause.SIGN_IN, NOON - SECOND + DAY)),
    ],
)
def test_the_latest_change_says_until_when(sign_in_changed_at, owner_since, found):
    assert pause(sign_in_changed_at, owner_since, DAY, NOON) == found


def test_without_a_length_nobody_waits():
    assert pause(NOON, NOON, timedelta(), NOON) is None
