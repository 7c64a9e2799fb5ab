"""The forges app's rows."""

from tfci.forges.models.delivery import Delivery
from tfci.forges.models.org import LinkedOrg

__all__ = ["Delivery", "LinkedOrg"]
