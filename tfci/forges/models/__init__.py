"""The forges app's rows."""

from tfci.forges.models.connection import Connection, Contact
from tfci.forges.models.delivery import Delivery
from tfci.forges.models.github import GitHubApp, Installation
from tfci.forges.models.scale_set import ScaleSet
from tfci.forges.models.tally import Tally

__all__ = ["Contact", "Delivery", "GitHubApp", "Installation", "Connection", "ScaleSet", "Tally"]
