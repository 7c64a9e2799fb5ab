"""The operator's limits of a team: VMs at once, TFT an hour for all of them, minutes of a job."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from billing.models import TeamLimits
from tfci.accounts import audit
from tfci.accounts.audit import Actor
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Team
from tfci.core.tft import Tft


@dataclass(frozen=True, slots=True)
class Caps:
    """What holds for one team. `max_per_hour`: of all its VMs together."""

    max_vms: int
    max_per_hour: Tft
    max_job_minutes: int


@dataclass(frozen=True, slots=True)
class TeamCaps:
    """The operator's limits for one team; None follows the setting."""

    max_vms: int | None = None
    max_per_hour: Tft | None = None
    max_job_minutes: int | None = None

    def with_defaults(self, defaults: Caps) -> Caps:
        own = {name: value for name, value in asdict(self).items() if value is not None}
        return Caps(**(asdict(defaults) | own))


def default_caps() -> Caps:
    """Return the installation's limits, which hold for each team without its own."""
    max_price = Tft.parse(settings.TEAM_MAX_PRICE)
    return Caps(settings.TEAM_MAX_VMS, max_price, settings.TEAM_MAX_JOB_MINUTES)


def own(team_id: int) -> TeamCaps:
    """Return the operator's limits for this team alone."""
    columns = TeamCaps.__dataclass_fields__
    row = TeamLimits.objects.filter(team=team_id).values(*columns).first()
    return TeamCaps(**(row or {}))


def caps(team_id: int) -> Caps:
    """Return the limits that hold for a team. One query."""
    return own(team_id).with_defaults(default_caps())


def caps_of(team: Team) -> Caps:
    """Return the same of a team that was read with `limits`. No query."""
    row = getattr(team, "limits", None)
    own_values = {name: getattr(row, name) for name in TeamCaps.__dataclass_fields__} if row else {}
    return TeamCaps(**own_values).with_defaults(default_caps())


@transaction.atomic
def change(team: Team, new: TeamCaps, who: Actor, now: datetime) -> None:
    """Give a team limits of its own. Lowering one ends no VM: it holds from the next VM and the next step of a job."""
    before = own(team.pk)
    TeamLimits.objects.update_or_create(team=team, defaults=asdict(new))
    if new != before:
        audit.record(
            team, who, Action.LIMITS_CHANGED, team.name, at=now, before=_audited(before), after=_audited(new)
        )


def _audited(limits: TeamCaps) -> dict[str, str]:
    return {name: "the setting" if value is None else str(value) for name, value in asdict(limits).items()}
