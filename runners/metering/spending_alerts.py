"""Look for the thresholds that a team's balance and limits have crossed."""

from collections.abc import Sequence
from datetime import datetime

from billing import ledger, wallets
from billing.spending import alerts, changes, crossings, forecast, history
from billing.spending.crossings import Crossing
from billing.spending.limit import RunningVM
from runners.metering import limit_usage, running_vms
from tfci.accounts.models import Team
from tfci.core.tft import Tft


def teams(now: datetime) -> list[int]:
    """Those with limits, or a balance that is spent."""
    return sorted({*changes.teams(), *ledger.spending_teams(now - forecast.WEEKS)})


def check(team_id: int, over: Sequence[Crossing], now: datetime) -> None:
    """Record what is crossed now; `over`: by jobs that run. Safe to repeat."""
    used = limit_usage.read(team_id, now)
    team = used.team or Team.objects.get(pk=team_id)
    vms = used.vms if used.limits else running_vms.read(team_id, now)
    crossed = [*over]
    if not wallets.on_own_twin(team_id):
        crossed += _of_balance(team, vms, now)
    for usage in used.usages:
        crossed += crossings.of_limit(usage)
    alerts.record(team_id, crossed, now)


def _of_balance(team: Team, vms: list[RunningVM], now: datetime) -> list[Crossing]:
    balance = ledger.balances([team.pk]).get(team.pk, Tft())
    left = balance - sum((vm.owed for vm in vms), Tft())
    past = history.read(team.pk, now - forecast.LOOKED_BACK).all
    usually = forecast.usual(past, now, team.zone)
    coming = forecast.forecast(vms, usually, now, team.zone)
    return crossings.of_balance(left, coming.per_day, ledger.last_top_up(team.pk))
