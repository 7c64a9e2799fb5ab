"""Beat's scheduler: sends the schedule's tasks, and runs those itself that only look for due rows.

Celery's own compares its whole schedule and computes time zones at each tick. All of ours are intervals, so floats
of the monotonic clock are enough; and looking for due rows costs less than a message to a worker.
"""

import heapq
import time
from typing import NamedTuple

import structlog
from celery.beat import Scheduler
from django.db import close_old_connections
from django.utils import timezone

from tfci.core.processes import worker_heartbeats

log = structlog.get_logger()
DUE_TASKS = "runners.tasks.due."  # tasks that only find what is due, and enqueue it
HEARTBEAT_EVERY = 5.0  # seconds


class ScheduledTask(NamedTuple):
    at: float  # seconds of the monotonic clock
    name: str


class Clock(Scheduler):
    """One that is late is done once, not as often as it was missed."""

    def setup_schedule(self) -> None:
        self.schedule = self.app.conf.beat_schedule
        self._entries = [
            ScheduledTask(time.monotonic() + entry["schedule"], name) for name, entry in self.schedule.items()
        ]
        heapq.heapify(self._entries)
        self._heartbeat_at = float("-inf")

    def tick(self) -> float:
        """Do all that is due. Returns the seconds until the next is."""
        close_old_connections()
        while self._entries[0].at <= (now := time.monotonic()):
            name = self._entries[0].name
            heapq.heapreplace(self._entries, ScheduledTask(now + self.schedule[name]["schedule"], name))
            self._run(name, **self.schedule[name]["options"])
        self._send_heartbeat()
        return max(0.0, self._entries[0].at - time.monotonic())

    def _run(self, name: str, **options: float) -> None:
        """A failed task is tried again when it is due again, and stops nothing else."""
        task = self.schedule[name]["task"]
        try:
            if task.startswith(DUE_TASKS):
                self.app.tasks[task]()
            else:
                self.app.send_task(task, producer=self.producer, **options)
        except Exception:
            log.exception("entry_failed", entry=name)

    def _send_heartbeat(self) -> None:
        """Record that beat is alive."""
        if time.monotonic() - self._heartbeat_at < HEARTBEAT_EVERY:
            return
        self._heartbeat_at = time.monotonic()
        try:
            worker_heartbeats.record("beat", timezone.now())
        except worker_heartbeats.ValkeyDown as error:
            log.warning("heartbeat_not_sent", error=str(error))
