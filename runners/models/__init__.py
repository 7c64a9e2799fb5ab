"""The runners app's rows."""

from runners.models.debug import DebugAccess
from runners.models.event import Event
from runners.models.job import Job
from runners.models.load import Load
from runners.models.orphan import Orphan
from runners.models.pool import Pool, Protection, Reuse
from runners.models.pressure import Pressure
from runners.models.refresh import Refresh
from runners.models.rerun import Rerun
from runners.models.run import Run
from runners.models.runner import Runner
from runners.models.server import Server
from runners.models.vm import VM

__all__ = [
    "VM",
    "DebugAccess",
    "Event",
    "Job",
    "Load",
    "Orphan",
    "Pool",
    "Pressure",
    "Protection",
    "Refresh",
    "Rerun",
    "Reuse",
    "Runner",
    "Server",
    "Run",
]
