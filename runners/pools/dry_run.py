"""What a pool would deploy now, on which nodes and for how much: planned, placed and priced as it would be, and thrown
away."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from billing import quotes, wallets
from runners.jobs.labels import Size
from runners.models import Pool
from runners.pools import planner, plans, reconcile
from runners.reasons.waits import PoolMaximum, WaitReason
from runners.vms import placement
from tfci.core.optional import present
from tfci.core.tft import Tft
from tfci.grid import registry

JOB, READY, IMAGINED = "a queued job", "to be kept ready", "one that you imagine"
NO_JOB = 2**63  # ids from here on are no row's


@dataclass(frozen=True, slots=True)
class ImaginedVM:
    """`purpose`: JOB, READY or IMAGINED. `reason`: what it would wait for; then it has no place."""

    size: Size
    purpose: str
    node: placement.NodeCapacity | None = None
    per_hour: Tft | None = None
    reason: WaitReason | None = None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`bound`: jobs that a VM on standby would take at once. `held`: reasons with how many jobs the pool's own
    maximum holds back. `prices`: the chain's, None where none was read."""

    vms: list[ImaginedVM]
    bound: int
    held: list[tuple[PoolMaximum, int]]
    prices: quotes.Reading | None

    @property
    def sent(self) -> list[ImaginedVM]:
        return [vm for vm in self.vms if not vm.reason]

    @property
    def waiting(self) -> list[ImaginedVM]:
        return [vm for vm in self.vms if vm.reason]

    @property
    def per_hour(self) -> Tft:
        return sum((present(vm.per_hour) for vm in self.sent), Tft())

    @property
    def sizes(self) -> dict[Size, int]:
        """Of those that would be sent."""
        return dict(Counter(vm.size for vm in self.sent))


def rehearse(pool: Pool, now: datetime, imagined: Sequence[Size] = ()) -> Rehearsal:
    """As if jobs of these sizes were queued too. Changes nothing and asks nobody outside."""
    wallet, prices = wallets.for_team(pool.team), quotes.prices(registry.network(), pool.team_id)
    found = reconcile.read_state(wallet, now)
    [own] = [seen for seen in found.seen if seen.id == pool.pk]
    more = [plans.Demand(NO_JOB + n, 0, "", str(size), now) for n, size in enumerate(imagined)]
    own = replace(own, demands=[*own.demands, *more])  # after all that are real
    pools = [own if seen.id == pool.pk else seen for seen in found.seen]
    plan = planner.plan(pools, found.supply, now)[pool.pk]
    return Rehearsal([*_sent(plan), *_waiting(own, plan)], len(plan.bind), _held(plan), prices)


def _sent(plan: plans.Plan) -> list[ImaginedVM]:
    return [
        ImaginedVM(Size.parse(one.size), _purpose(one.job_id), one.site.node, one.site.per_hour)
        for one in plan.start
    ]


def _waiting(pool: plans.PoolSeen, plan: plans.Plan) -> list[ImaginedVM]:
    sizes = {demand.job_id: Size.parse(demand.size) for demand in pool.demands}
    jobs = [
        ImaginedVM(sizes[job], _purpose(job), reason=reason)
        for job, reason in plan.held_up.items()
        if not isinstance(reason, PoolMaximum)
    ]
    return jobs + [
        ImaginedVM(Size.parse(size), READY, reason=reason) for size, reason in plan.not_ready.items()
    ]


def _held(plan: plans.Plan) -> list[tuple[PoolMaximum, int]]:
    reasons = [reason for reason in plan.held_up.values() if isinstance(reason, PoolMaximum)]
    return Counter(reasons).most_common()


def _purpose(job_id: int | None) -> str:
    if job_id is None:
        return READY
    return JOB if job_id < NO_JOB else IMAGINED
