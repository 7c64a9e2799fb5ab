"""python -m tests.bench.wishing SCENE: teams wish for VMs, and the product's own workers see to it. Started by
tests/bench/threefold.py, which has the grid."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django

django.setup()  # before the models

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.models.functions import Coalesce  # noqa: E402
from django.utils import timezone  # noqa: E402

from billing import quotes, wallets  # noqa: E402
from billing.models import Twin  # noqa: E402
from runners.models import VM, Pool  # noqa: E402
from runners.queue import nudges  # noqa: E402
from tests.bench.figures import percentile, verdict  # noqa: E402
from tests.builders import a_team, a_wallet  # noqa: E402
from tests.chaos.product import ROOT  # noqa: E402
from tfci.core.processes import worker_heartbeats  # noqa: E402
from tfci.core.secret import Secret  # noqa: E402
from tfci.grid import nodes, registry  # noqa: E402
from tfci.grid.models import Node  # noqa: E402
from tfci.management.up.processes import COMMANDS  # noqa: E402
from tfci.management.up.waiting import until  # noqa: E402

WORKERS = ("worker-decide", "worker-act", "beat")
REGIONS = ("Americas", "Europe", "Africa")  # of each account's teams; two in one would meet on its nodes
TEAMS = (80, 16, 4)  # VMs that the teams of each account want
LATER = 10  # seconds after the first by which the other teams of an account wish
EXACT = 10  # VMs of each account on exact nodes
SENT = 180  # seconds, p95
PATIENCE = 420  # seconds
Times = dict[int, tuple[int, float]]  # by a VM's row: its pool's, and when


@dataclass(slots=True)
class Wish:
    """One team's: so many VMs, of one account, `after` so many seconds. `at`: when it was made."""

    account: int
    count: int
    pool: Pool
    after: float = 0.0
    at: float = 0.0


def main(scene: str) -> None:
    prepare()
    wishes = exactly() if scene == "exact" else teams()
    answering = [wish for wish in wishes if wish.account]
    measured = answering if scene == "one hangs" else wishes
    with workers():
        sent, up = follow(wishes, measured, up_too=scene == "exact")
    print(f"{scene}: {sum(wish.count for wish in wishes)} wanted, {len(up)} up when it ended")
    if scene == "exact":
        tell_of_exact(measured, up)
    else:
        tell("all whose nodes answer, wanted -> sent", measured, sent)
        print(f"  p95 in s, {verdict(percentile(took(measured, sent), 0.95), SENT)}")
        tell("accounts 2 and 3", answering, sent)
        for count in TEAMS:
            tell(f"teams that want {count}", [wish for wish in measured if wish.count == count], sent)


def tell_of_exact(wishes: Collection[Wish], up: Times) -> None:
    tell("on exact nodes, wanted -> up", wishes, up)
    each = max(took(wishes, up)) / EXACT
    print(f"  {each:.1f} s a VM and account: 300 over {len(REGIONS)} would take {each * 100 / 60:.0f} min")


def prepare() -> None:
    """Rows, nodes, prices and accounts."""
    call_command("migrate", verbosity=0)
    now = timezone.now()
    for number, words in enumerate(json.loads(os.environ["BENCH_ACCOUNTS"])):
        wallets.open_twin(number, Secret(words), now)
    quotes.note_prices(registry.network(), wallets.reader().prices())
    catalog = registry.catalog()
    nodes.mirror(registry.network(), catalog.farms(), catalog.nodes(), now)


def teams() -> list[Wish]:
    """Of each account some teams of unequal size, all content with any node of one region."""
    return [
        Wish(account, count, a_pool_of(account, {"regions": [region]}), 0 if count == max(TEAMS) else LATER)
        for account, region in enumerate(REGIONS)
        for count in TEAMS
    ]


def exactly() -> list[Wish]:
    room = Node.objects.filter(up=True, healthy=True, dedicated=False, rented=False, free_mru__gt=2**16)
    named = list(room.order_by("node_id").values_list("node_id", flat=True)[:EXACT])
    return [Wish(account, EXACT, a_pool_of(account, {"ids": named})) for account in range(len(REGIONS))]


def a_pool_of(account: int, choice: Mapping) -> Pool:
    """A team's, whose wallet is with that account."""
    team = a_team()
    a_wallet(team, "90000", twin=Twin.objects.order_by("twin_id")[account])
    row = {"max_vms": 200, "nodes": choice, "created_at": timezone.now()}
    return Pool.objects.create(team=team, name="pool", **row)


@contextmanager
def workers() -> Iterator[None]:
    """As `make run` starts them."""
    started = [_started(name) for name in WORKERS]
    try:
        until(lambda: len(worker_heartbeats.living(timezone.now())) >= len(WORKERS), 180, "the workers")
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:  # it waits for a program that hangs
                process.kill()
                process.wait()


def _started(name: str) -> subprocess.Popen:
    program, *words = COMMANDS[name].split()
    command = [Path(sys.executable).with_name(program), *words]
    settings.HOME.mkdir(parents=True, exist_ok=True)
    with open(settings.HOME / f"{name}.log", "wb") as log:
        environment = os.environ | {"FARMHAND_PROCESS": name}
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)


def follow(wishes: Collection[Wish], measured: Collection[Wish], *, up_too: bool) -> tuple[Times, Times]:
    """When each VM was sent first, and was up, by its row id: until all that is measured has come so far."""
    sent, up, began = {}, {}, time.time()

    def come() -> bool:
        for wish in wishes:
            if not wish.at and time.time() - began >= wish.after:
                make(wish)
        look(sent, up)
        counts = Counter(pool for pool, _ in (up if up_too else sent).values())
        return all(counts[wish.pool.pk] >= wish.count for wish in measured)

    until(come, PATIENCE, "all VMs", lambda: time.sleep(0.5))
    return sent, up


def look(sent: Times, up: Times) -> None:
    """Note what is new; and be the agent of what is up, which else would count as one that did not start."""
    now = timezone.now()
    VM.objects.exclude(deployed_at=None).update(claimed_at=Coalesce("claimed_at", now), last_heartbeat_at=now)
    for vm, pool, was_sent, was_up in VM.objects.values_list("pk", "pool", "sent_at", "deployed_at"):
        for times, at in ((sent, was_sent), (up, was_up)):
            if at:
                times.setdefault(vm, (pool, at.timestamp()))


def make(wish: Wish) -> None:
    """As a pool's form does."""
    wish.at = time.time()
    Pool.objects.filter(pk=wish.pool.pk).update(min_vms={"small": wish.count})
    nudges.reconcile_pool(wish.pool.pk)


def took(wishes: Collection[Wish], times: Times) -> list[float]:
    """Seconds from each wish until then, a VM each."""
    began = {wish.pool.pk: wish.at for wish in wishes}
    return [at - began[pool] for pool, at in times.values() if pool in began]


def tell(what: str, wishes: Collection[Wish], times: Times) -> None:
    seconds = took(wishes, times)
    marks = "  ".join(f"p{share:.0f} {percentile(seconds, share / 100):.0f}" for share in (50, 95))
    print(f"  {what}: {marks}  max {max(seconds):.0f} s (n={len(seconds)})")


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    main(sys.argv[1])
