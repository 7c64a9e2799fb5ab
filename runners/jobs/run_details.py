"""What a run says of its jobs, which they don't: workflow, title, what started it and who. Read once for each run."""

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
    """The organisations with jobs that nothing is known of yet."""
    linked = Connection.objects.filter(
        Connection.callable_at(now), disconnected_at=None, disconnecting_at=None
    )
    waiting = Job.objects.filter(described_at=None, connection__in=linked).order_by()
    return list(waiting.values_list("connection", flat=True).distinct())


def describe(connection: Connection, forge: ReadsJobs, now: datetime) -> None:
    """Its newest runs first; where a forge wants fewer calls, those that it need not be asked for. Raises ForgeError;
    what nobody could tell for an hour stays as it is."""
    jobs = Job.objects.filter(connection=connection, described_at=None)
    stale = jobs.filter(discovered_at__lt=now - GIVE_UP).order_by("pk").values("pk")[:STALE]
    Job.objects.filter(pk__in=stale).update(described_at=now)
    waiting = jobs.order_by("-pk").values_list("repository", "run_id")[:JOBS]
    limited = None
    for repository, run_id in list(dict.fromkeys(waiting))[:RUNS]:
        try:
            said = _said(forge, repository, run_id)
        except Limited as error:
            limited = error
        else:
            jobs.filter(repository=repository, run_id=run_id).update(described_at=now, **said)
    if limited:
        raise limited


def _said(forge: ReadsJobs, repository: str, run_id: str) -> dict[str, str]:
    try:
        seen = forge.run(repository, run_id)
    except Gone:
        return {}
    return _columns(seen)


def _columns(seen: RunSeen) -> dict[str, str]:
    """What it left out stays as a job's own word had it."""
    told = {"workflow": seen.workflow, "title": seen.title, "sender": seen.sender, "event": seen.event}
    return {name: text for name, text in told.items() if text}
