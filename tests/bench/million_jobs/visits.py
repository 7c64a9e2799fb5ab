"""python -m tests.bench.million_jobs.visits: every page of a team and every list of the API, over a million jobs.

In this process, by Django's own client: what Caddy and Granian add is a millisecond or two. Processor time is of this
process and of its database connection.
"""

import sys
import time
from collections.abc import Callable

import django

django.setup()  # before the models

from django.core.management import call_command  # noqa: E402
from django.db import connection as database  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.bench.figures import percentile  # noqa: E402
from tests.bench.million_jobs.rows import build  # noqa: E402
from tests.bench.stage import cpu_of  # noqa: E402
from tests.house import House  # noqa: E402
from tests.people import client_of  # noqa: E402
from tests.rights import API, PEOPLE  # noqa: E402
from tests.rights_rows import rows  # noqa: E402
from tfci.accounts import tokens  # noqa: E402
from tfci.core.processes.warmup import warm_up  # noqa: E402

VISITS = 40
QUERIES, BYTES, P95 = 12, 100_000, 0.1
# What people ask a long list for: the first page, one deep below, and what filters find
DEEP = "older=300000"
ASKED = {
    "/t/TEAM/jobs/": [
        *(DEEP, "repository=acme/app-8", "branch=feature-4", "label=small", "conclusion=failure"),
        *("state=queued", "pool=POOL", "connection=CONNECTION", "sender=person-3"),
    ],
    "/t/TEAM/vms/": ["older=60000", "state=gone", "state=busy", "pool=POOL"],
    "/t/TEAM/audit/": ["older=20000"],
    "/api/v1/jobs": [DEEP, "state=completed"],
    "/api/v1/vms": ["older=60000"],
    "/api/v1/events": ["older=300000"],
    "/api/v1/ledger": ["older=200000"],
}
PLANS = "/dry-run"  # a whole plan, made and thrown away: of the API, so that no page waits for it
OTHER = ("/log/", "/csv/", ".csv")  # what asks a forge, whose time is not ours; downloads


def main() -> None:
    call_command("migrate", verbosity=0)
    began, now = time.monotonic(), timezone.now()
    house = build(now)
    print(f"The rows were written in {time.monotonic() - began:.0f} s")
    warm_up()  # as the front doors begin
    visitor = client_of("owner", house.team)
    pages, lists = addresses(PEOPLE, "owner", "/t/TEAM/"), addresses(API, "read", "/api/v1/")
    slow = [address for address in pages if not visit(house, visitor, address)]
    slow += [address for address in lists if not visit(house, script(house, visitor.user), address)]
    print(f"{len(slow)} miss a target{': ' + ', '.join(slow) if slow else ''}")


def script(house: House, owner) -> Client:
    """With a token of its own, for one may call so often a minute only."""
    _, secret = tokens.make(house.team, "bench", "read", owner, timezone.now())
    return Client(headers={"Authorization": f"Bearer {secret.reveal()}"})


def addresses(table: str, who: str, below: str) -> list[str]:
    """What that person may read, each list with its filters too."""
    seen = [row for row in rows(table) if row.method == "GET" and row.answers[who] == "200"]
    found = [row.address for row in seen if row.address.startswith(below) and not row.address.endswith(OTHER)]
    return [full for one in found for full in (one, *(f"{one}?{query}" for query in ASKED.get(one, ())))]


def visit(house: House, client: Client, address: str) -> bool:
    """Print what it takes; whether it keeps its targets."""
    ask = asking(client, house.fill(address))
    ask()
    with CaptureQueriesContext(database) as asked:
        size = len(ask())
        queries = len(asked)
    used, took = processor_time(), []
    for _ in range(VISITS):
        began = time.perf_counter()
        ask()
        took.append(time.perf_counter() - began)
    used, p95 = (processor_time() - used) / VISITS, percentile(took, 0.95)
    kept = p95 < P95 and size < BYTES and (queries <= QUERIES or address.endswith(PLANS))
    print(
        f"in process {address:<46} p50 {1000 * percentile(took, 0.5):4.0f}  p95 {1000 * p95:4.0f} ms"
        f"  {1000 * used:4.0f} ms CPU  {queries:2} queries  {size / 1000:4.0f} kB{'' if kept else '  MISSED'}"
    )
    return kept


def processor_time() -> float:
    """Seconds that this process and its database connection have used."""
    return time.process_time() + cpu_of(database.connection.info.backend_pid)


def asking(client: Client, address: str) -> Callable[[], bytes]:
    def ask() -> bytes:
        answer = client.get(address, SERVER_NAME="localhost")
        if answer.status_code != 200:
            raise AssertionError(f"{address} answered {answer.status_code}")
        return answer.getvalue()

    return ask


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    main()
