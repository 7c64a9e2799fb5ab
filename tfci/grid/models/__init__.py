"""The grid app's rows."""

from tfci.grid.models.farm import Farm
from tfci.grid.models.node import Node

__all__ = ["Farm", "Node"]
