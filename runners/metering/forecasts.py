"""What will have been spent when day and month end, of a team and of each of its limits."""

from dataclasses import dataclass
from datetime import datetime

from billing import ledger
from billing.spending import forecast, history, periods
from billing.spending.forecast import LOOKED_BACK, Charges, Forecast
from billing.spending.history import ChargeHistory
from billing.spending.limit import RunningVM, Usage
from billing.spending.periods import PeriodSpan
from runners.metering import running_vms
from runners.metering.limit_usage import LimitsUsed
from tfci.accounts.models import Team
from tfci.core.optional import present
from tfci.core.tft import Tft


@dataclass(frozen=True, slots=True)
class TeamForecast:
    """`day` and `month`: what was spent in them so far, with what VMs have run up; `vms`: how many run now."""

    coming: Forecast
    day: Tft
    month: Tft
    vms: int

    @property
    def weeks(self) -> int:
        """Whole ones that its averages are from."""
        return self.coming.over // forecast.WEEK

    @property
    def whole_day(self) -> Tft:
        return self.day + self.coming.rest_of_day

    @property
    def whole_month(self) -> Tft:
        return self.month + self.coming.rest_of_month


def of_team(team: Team, now: datetime) -> TeamForecast:
    """Two queries."""
    day, month = periods.day(now, team.zone), periods.month(now, team.zone)
    vms, past = running_vms.read(team.pk, now), history.of_team(team.pk, min(month.since, now - LOOKED_BACK))
    coming = forecast.forecast(vms, forecast.usual(past, now, team.zone), now, team.zone)
    return TeamForecast(coming, _spent(past, vms, day), _spent(past, vms, month), len(vms))


def _spent(past: Charges, vms: list[RunningVM], span: PeriodSpan) -> Tft:
    """What was charged since then, and what VMs have run up."""
    since = ledger.half_hour(span.since)
    return sum((vm.owed for vm in vms), Tft(sum(amount for at, amount in past if at >= since)))


def of_limits(used: LimitsUsed, now: datetime) -> dict[int, Tft]:
    """By limit: what will have been spent of it when it renews; limits per job are left out. At most two queries."""
    if not used.usages:
        return {}
    repositories = {usage.limit.repository for usage in used.usages if usage.limit.repository}
    past = history.read(present(used.team).pk, now - LOOKED_BACK, repositories)
    return {usage.limit.id: _whole(usage, used, past, now) for usage in used.usages}


def _whole(usage: Usage, used: LimitsUsed, past: ChargeHistory, now: datetime) -> Tft:
    limit, zone = usage.limit, present(used.team).zone
    vms = [vm for vm in used.vms if limit.counts(vm.pool_id, vm.repository)]
    usually = forecast.usual(past.of(limit), now, zone)
    return usage.spent + forecast.until(usage.renews_at, vms, usually, now, zone)
