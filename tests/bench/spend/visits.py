"""python -m tests.bench.spend.visits VMs: roll a year up, visit the spend pages, and verify the ledger.

In this process, by Django's own client: what Caddy and Granian add is a millisecond or two.
"""

import sys
import time
from datetime import timedelta

import django

django.setup()  # before the models

from django.core.management import call_command  # noqa: E402
from django.db import connection as database  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from runners.metering import spend_rollup, verification  # noqa: E402
from tests.bench.figures import percentile  # noqa: E402
from tests.bench.spend import year  # noqa: E402
from tests.bench.stage import cpu_of  # noqa: E402
from tests.people import client_of  # noqa: E402
from tfci.accounts.models import Team  # noqa: E402
from tfci.core.processes.warmup import warm_up  # noqa: E402

P95, VERIFIED = 0.15, 60.0  # seconds
TIMES = 2  # that each team looks at each of these
PAGES = {
    "the last 30 days by day": ("spend", ""),
    "30 days by repository": ("spend", "by=repository"),
    "30 days by person, of one repository": ("spend", "by=person&repository=acme/app-7"),
    "90 days by node": ("spend", "by=node&since={days90}&until={today}"),
    "90 days by workflow, of one person and size": (
        "spend",
        "by=workflow&person=person-3&size=2cpu8gbram50gbssd&since={days90}&until={today}",
    ),
    "half a year by pool, and the half before": ("spend", "by=pool&since={days180}&until={today}"),
    "a year by repository": ("spend", "by=repository&since={days365}&until={today}"),
    "the ledger": ("ledger", ""),
    "the ledger of a workflow and a person": ("ledger", "workflow=workflow-2&person=person-3"),
}
LOADED_LATER = {
    "30 days elsewhere, which the page loads": ("spend_elsewhere", ""),
    "a year elsewhere, which the page loads": ("spend_elsewhere", "since={days365}&until={today}"),
}


def main(vms: int) -> None:
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    teams = year.write(vms)
    vacuum()
    print(f"{vms:,} VMs of {len(teams)} teams: their rows were written in {time.monotonic() - began:.0f} s")
    began, rolled = time.monotonic(), 0
    while count := spend_rollup.roll_up(timezone.now()):
        rolled += count
    seconds = time.monotonic() - began
    vacuum()
    print(f"{rolled:,} entries rolled up in {seconds:.0f} s, {rolled / seconds:,.0f} a second")
    warm_up()
    measure(teams)
    verify()


def vacuum() -> None:
    with database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def measure(teams: list[Team]) -> None:
    today = timezone.localdate()
    days = {f"days{n}": today - timedelta(days=n - 1) for n in (90, 180, 365)}
    visitors = [(team, client_of("viewer", team)) for team in teams]
    everything = []
    for title, (name, query) in (PAGES | LOADED_LATER).items():
        used = processor_time()
        seconds = [
            visit(client, reverse(name, args=[team.slug]) + "?" + query.format(today=today, **days))
            for _ in range(TIMES)
            for team, client in visitors
        ]
        used = 1000 * (processor_time() - used) / len(seconds)
        largest = figures(seconds[:: len(teams)])
        print(f"{title:<46} {figures(seconds)}, {used:3.0f} ms CPU; the largest team {largest}")
        everything += seconds if title in PAGES else []
    kept = "" if percentile(everything, 0.95) < P95 else "  MISSED"
    print(f"{'all pages':<46} {figures(everything)}{kept}")


def visit(client: Client, address: str) -> float:
    """Seconds."""
    began = time.perf_counter()
    answer = client.get(address, SERVER_NAME="localhost")
    seconds = time.perf_counter() - began
    if answer.status_code != 200 or len(answer.content) > 100_000:
        raise AssertionError(f"{address} answered {answer.status_code} with {len(answer.content)} bytes")
    return seconds


def processor_time() -> float:
    """Seconds that this process and its database connection have used; not those of PostgreSQL's parallel workers."""
    return time.process_time() + cpu_of(database.connection.info.backend_pid)


def figures(seconds: list[float]) -> str:
    return f"p50 {1000 * percentile(seconds, 0.5):4.0f}  p95 {1000 * percentile(seconds, 0.95):4.0f} ms"


def verify() -> None:
    began = time.monotonic()
    findings = verification.verify(timezone.now())
    seconds = time.monotonic() - began
    kept = "" if seconds < VERIFIED and not findings.count else "  MISSED"
    print(f"verify: {findings.entries:,} entries, {findings.count} differences, {seconds:.1f} s{kept}")


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    main(int(sys.argv[1]))
