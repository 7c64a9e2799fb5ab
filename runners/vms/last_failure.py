"""The last failure on a node."""

from runners.reasons import catalogue
from tfci.core.reasons import Reason
from tfci.grid.models import Node


def reason(node: Node) -> Reason | None:
    """Why the last VM that failed there did: what the grid answered, or why the VM went."""
    return catalogue.read(node.last_failure, node.last_failure_params) if node.last_failure else None
