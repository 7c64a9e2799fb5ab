"""How a job ran: its steps and its VM's load, on one axis."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from runners.jobs import timeline
from runners.models import Job
from runners.vms.metrics import Sample
from runners.web.views import usage
from tfci.core.optional import present


@dataclass(frozen=True, slots=True)
class StepBar:
    """One step of the job, on its axis. `failed`: the last that began in a job that failed."""

    name: str
    start: datetime | None
    stop: datetime | None
    failed: bool

    @property
    def took(self) -> timedelta | None:
        return self.stop - self.start if self.start and self.stop else None


def shown(job: Job, running: timeline.Phase | None, now: datetime) -> dict[str, Any]:
    """For its page. `running`: the phase in which it ran, if any."""
    steps, line, end = _steps(job), _line(job, running, now), timeline.ended(job)
    vm = job.vm or job.awaits
    return {
        "running": running,
        "run_end": running.stop if running and running.status == "done" else now,
        "steps": steps,
        "failed_step": next((step.name for step in steps if step.failed), ""),
        "line": line,
        "uses": usage.uses(line, steps, end),
        "network_top": max((sample[part] for sample in line for part in ("received", "sent")), default=0),
        "memory_top": 1024 * vm.memory_gb if vm else 0,
        "disk_top": 1024 * vm.disk_gb if vm else 0,
        "end": end,
    }


def _steps(job: Job) -> list[StepBar]:
    steps = [
        (step["name"], _moment(step["started_at"]), _moment(step["completed_at"])) for step in job.steps or ()
    ]
    last = max((n for n, (_, start, _) in enumerate(steps) if start), default=None)
    failed = timeline.failed(job)
    return [StepBar(*step, failed and n == last) for n, step in enumerate(steps)]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _line(job: Job, running: timeline.Phase | None, now: datetime) -> list[Sample]:
    """How loaded its VM was while it ran."""
    if not running or running.status == "next":
        return []
    until = present(running.stop) if running.status == "done" else now
    return usage.line(job, present(running.start), until)
