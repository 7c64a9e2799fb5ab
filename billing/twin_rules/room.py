"""What a team's own chain account still covers. Pure."""

from tfci.core.tft import Tft
from tfci.grid.ports import MIN_BALANCE


def room(usable: Tft | None) -> Tft:
    """What VMs may cost of it: the rest pays the chain's fees, without which no VM can be ended."""
    return (usable or Tft()) - MIN_BALANCE


def unbilled(cost: Tft, per_hour: Tft) -> Tft:
    """What a VM of that price has cost and the chain has not taken yet: the chain bills each hour."""
    return min(cost, per_hour)
