"""What was charged in a team's day and month, as limits count it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from billing import ledger
from billing.spending import periods, sums
from billing.spending.limit import Limit
from billing.spending_kinds import LimitPeriod, LimitScope
from tests.builders import a_team, a_wallet
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db
BRUSSELS = ZoneInfo("Europe/Brussels")
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
CHARGES = [  # when, pool, repository, TFT
    ("2026-05-31T21:59Z", 7, "acme/app", "100"),  # before the month
    ("2026-05-31T22:00Z", 7, "acme/app", "1"),
    ("2026-06-14T21:59Z", 7, "acme/App", "2"),  # before the day
    ("2026-06-14T22:00Z", 7, "acme/app", "4"),
    ("2026-06-15T11:00Z", 8, "acme/api", "8"),
    ("2026-06-15T11:30Z", 8, "acme/api", "-3"),  # a correction
    ("2026-06-15T11:40Z", None, "", "16"),
]


@pytest.mark.parametrize(
    "scope, pool_id, repository, day, month",
    [
        (LimitScope.TEAM, None, "", "25", "28"),
        (LimitScope.POOL, 7, "", "4", "7"),
        (LimitScope.POOL, 9, "", "0", "0"),
        (LimitScope.REPOSITORY, None, "ACME/app", "4", "7"),
        (LimitScope.REPOSITORY, None, "acme/api", "5", "5"),
        (LimitScope.REPOSITORY, None, "acme/other", "0", "0"),
    ],
)
def test_a_limit_counts_its_own_charges_of_the_day_and_month(scope, pool_id, repository, day, month):
    team, other = a_team(), a_team()
    for owner in (team, other):
        wallet = a_wallet(owner, tft="1000")
        for number, (at, pool, named, tft) in enumerate(CHARGES):
            facts = {"use": "job", "pool_id": pool, "repository": named}
            ledger.charge(wallet, f"{owner.pk}:{number}", Tft.parse(tft), datetime.fromisoformat(at), **facts)
    spans = periods.day(NOW, BRUSSELS), periods.month(NOW, BRUSSELS)
    charged = sums.charged(team.pk, *spans, {repository} - {""})
    limit = Limit(1, scope, LimitPeriod.DAY, Tft(1), pool_id=pool_id, repository=repository)
    assert charged.of(limit) == Tft.parse(day)
    month_limit = Limit(1, scope, LimitPeriod.MONTH, Tft(1), pool_id=pool_id, repository=repository)
    assert charged.of(month_limit) == Tft.parse(month)
