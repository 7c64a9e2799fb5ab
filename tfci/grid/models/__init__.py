"""The grid app's rows."""

from tfci.grid.models.change import NodeChange
from tfci.grid.models.drain import Drain
from tfci.grid.models.farm import Farm
from tfci.grid.models.node import Node
from tfci.grid.models.selection import NodeSelection

__all__ = ["Drain", "Farm", "Node", "NodeChange", "NodeSelection"]
