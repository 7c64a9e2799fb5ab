"""The runners app's rows."""

from runners.models.event import Event
from runners.models.job import Job
from runners.models.orphan import Orphan
from runners.models.pool import Pool, Protection, Reuse
from runners.models.refresh import Refresh
from runners.models.rerun import Rerun
from runners.models.runner import Runner
from runners.models.sample import Sample
from runners.models.vm import VM

__all__ = [
    "VM",
    "Event",
    "Job",
    "Orphan",
    "Pool",
    "Protection",
    "Refresh",
    "Rerun",
    "Reuse",
    "Runner",
    "Sample",
]
