"""python -m tests.bench.mirroring: the mirror and the node finder over 6,000 nodes of a stub proxy, which is a process
of its own. Memory is what this process has at most while it mirrors, beyond what it had before."""

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import django

django.setup()  # before the models

from django.core.management import call_command  # noqa: E402
from django.test import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from tests.bench.million_jobs.visits import processor_time, visit  # noqa: E402
from tests.builders import a_price, a_team  # noqa: E402
from tests.house import House  # noqa: E402
from tests.people import client_of  # noqa: E402
from tfci.core.processes.warmup import warm_up  # noqa: E402
from tfci.grid import nodes, registry  # noqa: E402

COUNT = 6000
SECONDS, MEGABYTES = 20, 60
SEARCHES = (
    "",
    "?fits=true&size=medium",
    "?region=Europe&min_ram=64&min_ssd=200&up=true&sort=record",
    "?boots_within=12&min_success=95&up=true",
    "?farm=farm-7&rentable=true&sort=price",
)


def main() -> None:
    call_command("migrate", verbosity=0)
    with proxy() as url, override_settings(GRID="main", GRID_URL=url):
        for which in ("first", "second"):
            mirror(which)
        a_price(network="main")
        give_records()
        house = House(a_team(), None, None, None, None, None)
        visitor = client_of("owner", house.team)
        warm_up()
        for search in SEARCHES:
            visit(house, visitor, f"/t/TEAM/nodes/{search}")


@contextmanager
def proxy() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.counterparts.gridproxy", str(COUNT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def mirror(which: str) -> None:
    before, began, catalog = peak(), time.monotonic(), registry.catalog()
    used = processor_time()
    count = nodes.mirror("main", catalog.farms(), catalog.nodes(), timezone.now())
    took, grew = time.monotonic() - began, peak() - before
    kept = count == COUNT and took < SECONDS and grew < MEGABYTES
    used = processor_time() - used
    print(
        f"{which} mirror of {count} nodes: {took:.1f} s, {used:.1f} s CPU, {grew:.0f} MB more"
        f"{'' if kept else '  MISSED'}"
    )


def peak() -> float:
    """MB that this process has had in memory at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def give_records() -> None:
    """Our own record of every second node."""
    nodes.Node.objects.filter(node_id__gt=COUNT // 2).update(
        deploys=66, failures=2, boot_ms=list(range(9000, 13000, 200)), deploy_ms=[4000] * 20
    )


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    main()
