"""May a team start a VM, and must its VMs end? A VM starts only if the balance covers the next hour of all VMs,
within the operator's limits; VMs end before the balance falls below the floor."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from billing import pricing
from billing.limits import Caps
from tfci.core.tft import Tft


class Shortage(StrEnum):
    """What a new VM lacks."""

    TFT = "tft"
    TEAM_VMS = "team_vms"  # the operator's limit of VMs
    TEAM_PRICE = "team_price"  # the operator's limit of TFT an hour


@dataclass(frozen=True, slots=True)
class Running:
    """A team's VMs that have a price, until they are gone: how many, and what they cost an hour together."""

    vms: int = 0
    per_hour: Tft = Tft()


@dataclass(frozen=True, slots=True)
class Allowance:
    """`left`: what may still be reserved for a first hour of new VMs; below 0 if even running VMs are not
    covered. `caps`: the operator's limits, None where they don't matter. `own_twin`: our row of the team's own twin,
    where that pays for new VMs and not the balance."""

    left: Tft
    running: Running = Running()
    caps: Caps | None = None
    own_twin: int | None = None

    def shortage(self, per_hour: Tft) -> Shortage | None:
        """What one more VM of that price lacks; None where it may start."""
        if self.caps and self.running.vms >= self.caps.max_vms:
            return Shortage.TEAM_VMS
        if self.caps and self.running.per_hour + per_hour > self.caps.max_per_hour:
            return Shortage.TEAM_PRICE
        return Shortage.TFT if self.left < per_hour else None

    def covers(self, per_hour: Tft) -> bool:
        return self.shortage(per_hour) is None

    def after_start(self, per_hour: Tft) -> "Allowance":
        """What is left once a VM of that price has started."""
        running = Running(self.running.vms + 1, self.running.per_hour + per_hour)
        return replace(self, left=self.left - per_hour, running=running)


def allowance(balance: Tft, owed: Tft, running: Running, caps: Caps | None = None) -> Allowance:
    """`owed`: run up and not charged yet; `running`: all VMs that are not gone."""
    return Allowance(balance - owed - running.per_hour, running, caps)


# --- What runs while the balance runs out -----------------------------------------------------------------------------

PERIOD = timedelta(minutes=1)  # between two checks of a wallet, as tfci/celery.py schedules them
WARNING = timedelta(minutes=30)  # how long before the end a team is warned
GRACE = timedelta(minutes=5)  # from a warning to the end at least, where the balance fell suddenly


class Standing(StrEnum):
    """Whether a wallet covers its VMs."""

    COVERED = "covered"
    WARNED = "warned"
    SPENT = "spent"  # its VMs end


@dataclass(frozen=True, slots=True)
class Runway:
    """`room`: what may still be spent, down to the floor; `per_hour`: of all that runs."""

    room: Tft
    per_hour: Tft

    @property
    def time_left(self) -> timedelta | None:
        """Until the floor; None where nothing runs."""
        if not self.per_hour:
            return None
        return timedelta(hours=max(0, self.room) / self.per_hour)

    def covers(self, span: timedelta) -> bool:
        return self.room >= pricing.cost(self.per_hour, span // timedelta(milliseconds=1))


@dataclass(frozen=True, slots=True)
class Warned:
    """Since when a team is warned, and when its VMs were ended; None if not."""

    warned_at: datetime | None = None
    spent_at: datetime | None = None


def standing(runway: Runway, before: Warned, now: datetime) -> Standing:
    """SPENT stays until something runs again that is covered, or TFT come in (ledger.py)."""
    if before.spent_at and not runway.per_hour:
        return Standing.SPENT
    if not runway.per_hour or runway.covers(WARNING):
        return Standing.COVERED
    warned_long = before.warned_at is not None and now - before.warned_at >= GRACE
    return Standing.SPENT if warned_long and not runway.covers(PERIOD) else Standing.WARNED
