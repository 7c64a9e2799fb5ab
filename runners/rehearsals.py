"""What a pool would deploy now, on which nodes and for how much: planned, placed and priced as it would be, and thrown
away."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from billing import quotes, wallets
from billing.budgets import Allowance
from runners import deploys, reconcile
from runners.models import VM, Pool
from runners.rules import placement, planning
from runners.rules.labels import Size
from tfci.grid import connect
from tfci.tft import Tft

JOB, READY, IMAGINED = "a queued job", "to be kept ready", "one that you imagine"
NO_JOB = 2**63  # ids from here on are no row's


@dataclass(frozen=True, slots=True)
class Machine:
    """`purpose`: JOB, READY or IMAGINED. `why`: what it would wait for; then it has no place that counts."""

    size: Size
    purpose: str
    node: placement.Node | None = None
    per_hour: Tft | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`bound`: jobs that a machine on standby would take at once. `held`: reasons with how many jobs they hold back.
    `prices`: the chain's, None where none was read."""

    machines: list[Machine]
    bound: int
    held: list[tuple[str, int]]
    prices: object

    @property
    def sent(self) -> list[Machine]:
        return [machine for machine in self.machines if not machine.why]

    @property
    def waiting(self) -> list[Machine]:
        return [machine for machine in self.machines if machine.why]

    @property
    def per_hour(self) -> Tft:
        return Tft(sum(machine.per_hour for machine in self.sent))

    @property
    def sizes(self) -> dict[Size, int]:
        """Of those that would be sent."""
        return dict(Counter(machine.size for machine in self.sent))


def rehearse(pool: Pool, now: datetime, imagined: Sequence[Size] = ()) -> Rehearsal:
    """As if jobs of these sizes were queued too. Changes nothing and asks nobody outside."""
    wallet, prices = wallets.of(pool.team, now), quotes.prices(connect.network())
    seen = reconcile.look(pool, wallet, now)
    plan = planning.plan([*seen.demands, *_demands(imagined, now)], seen.machines, seen.limits, now)
    wanted = _wanted(pool, plan)
    return Rehearsal(
        _placed(pool, wanted, prices, seen.left, now),
        bound=len(plan.bind),
        held=Counter(plan.held_up.values()).most_common(),
        prices=prices,
    )


def _demands(imagined: Sequence[Size], now: datetime) -> list[planning.Demand]:
    """After all that are real."""
    return [planning.Demand(NO_JOB + n, 0, "", str(size), now) for n, size in enumerate(imagined)]


def _wanted(pool: Pool, plan: planning.Plan) -> list[tuple[Size, str, frozenset[int]]]:
    """Size, purpose and the nodes that refused it already: of those that wait for a node, then those of the plan."""
    waits = VM.objects.filter(pool=pool, state=VM.State.WANTED, node=None, retire_why="").order_by(
        "created_at", "pk"
    )
    meant = {vm_id: job_id for job_id, vm_id in plan.stands_for.items()}
    made = [
        (Size.parse(vm.size), _purpose(meant.get(vm.pk)), frozenset(vm.failed_nodes))
        for vm in waits
        if vm.pk not in plan.retire
    ]
    jobs = {place: job_id for job_id, place in plan.meant_for.items()}
    return made + [
        (Size.parse(size), _purpose(jobs.get(place)), frozenset()) for place, size in enumerate(plan.want)
    ]


def _purpose(job_id: int | None) -> str:
    if job_id is None:
        return READY
    return JOB if job_id < NO_JOB else IMAGINED


def _placed(pool: Pool, wanted: Sequence[tuple], prices, left: Allowance, now: datetime) -> list[Machine]:
    """One after the other, as far as the balance covers the first hour of each."""
    if prices is None:
        return [Machine(size, purpose, why="for the grid's prices to be read") for size, purpose, _ in wanted]
    wishes = [
        placement.Wish(
            n, pool.pk, size.cpu, size.memory_gb, size.disk_gb, failed, quotes.an_hour(size, prices)
        )
        for n, (size, _, failed) in enumerate(wanted)
    ]
    choices, here = {pool.pk: deploys.choice(pool)}, deploys.here([pool.pk])
    found = placement.place(wishes, choices, deploys.nodes_now(), here, now)
    made = []
    for n, (size, purpose, _) in enumerate(wanted):
        node = found.on.get(n)
        cost = wishes[n].an_hour[node.certified] if node else None
        if node is None:
            made.append(Machine(size, purpose, why=found.why_not[n]))
        elif not left.covers(cost):
            made.append(Machine(size, purpose, node, cost, left.why_not(cost)))
        else:
            left = left.less(cost)
            made.append(Machine(size, purpose, node, cost))
    return made
