"""What a run has that its jobs lack: workflow, title, what started it and who. Read once for each run."""

from datetime import datetime, timedelta

from runners.models import Job
from tfci.forges.errors import Gone, Limited
from tfci.forges.facts import RunSeen
from tfci.forges.models import Connection
from tfci.forges.ports.forge import ReadsJobs

RUNS = 20  # of one organisation in one turn
JOBS = 200  # among which they are looked for
GIVE_UP = timedelta(hours=1)
STALE = 5000  # jobs that are given up in one turn


def due(now: datetime) -> list[int]:
    """The organisations with jobs whose runs were not read yet."""
    linked = Connection.objects.filter(
        Connection.callable_at(now), disconnected_at=None, disconnecting_at=None
    )
    waiting = Job.objects.filter(described_at=None, connection__in=linked).order_by()
    return list(waiting.values_list("connection", flat=True).distinct())


def describe(connection: Connection, forge: ReadsJobs, now: datetime) -> None:
    """Its newest runs first; where a forge wants fewer calls, those that need no call. Raises ForgeError;
    what could not be read for an hour stays as it is."""
    jobs = Job.objects.filter(connection=connection, described_at=None)
    stale = jobs.filter(discovered_at__lt=now - GIVE_UP).order_by("pk").values("pk")[:STALE]
    Job.objects.filter(pk__in=stale).update(described_at=now)
    waiting = jobs.order_by("-pk").values_list("repository", "run_id")[:JOBS]
    limited = None
    for repository, run_id in list(dict.fromkeys(waiting))[:RUNS]:
        try:
            details = _details(forge, repository, run_id)
        except Limited as error:
            limited = error
        else:
            jobs.filter(repository=repository, run_id=run_id).update(described_at=now, **details)
    if limited:
        raise limited


def _details(forge: ReadsJobs, repository: str, run_id: str) -> dict[str, str]:
    try:
        seen = forge.run(repository, run_id)
    except Gone:
        return {}
    return _columns(seen)


def _columns(seen: RunSeen) -> dict[str, str]:
    """What it left out stays as the job itself had it."""
    values = {"workflow": seen.workflow, "title": seen.title, "sender": seen.sender, "event": seen.event}
    return {name: text for name, text in values.items() if text}
