"""Demand against the VMs of all pools of one team, within the pools' limits, the balance and what the grid has ->
what to bind, start and retire. Pure.

A forge decides which runner takes which job, so demand is counted by (organisation, label set); each waiting job
still has a VM that stands for it, by age: the k-th oldest job by the k-th most advanced VM.

A VM is only started when a node has room for it and the balance covers it, so what can't be placed holds nothing. Jobs
come before what is kept ready: idle VMs give way where that lets a job start.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from billing.spending.limit import LimitRoom
from runners.pools.plans import (
    COMING,
    GIVEN,
    READY,
    REMOVING,
    UNPLACED,
    Demand,
    Plan,
    PoolSeen,
    PoolVM,
    Start,
)
from runners.reasons.retirements import HourUncovered, Idle, LimitReached, MakesWay, Unplaced
from runners.reasons.vms import VmReason
from runners.reasons.waits import (
    Balance,
    GridRefused,
    JobsFirst,
    NextDecision,
    NoNodeNow,
    OwnTwinShort,
    PoolMaximum,
    ReadyBalance,
    StoppedByLimit,
    TeamPrice,
    TeamVms,
    WaitReason,
)
from runners.vms.sites import Budget, Supply, VmSite

MAX_STARTS = 100  # VMs that one decision starts: then another team's is made
CLEARED_AFTER = timedelta(minutes=5)  # the grid shows by then what is free where VMs were deleted
NO_LIMIT = 2**62


def plan(pools: Sequence[PoolSeen], supply: Supply, now: datetime) -> dict[int, Plan]:
    """By pool; `pools` in the team's order, whose jobs come in that order and by age. Planning again after these plans
    were carried out gives empty ones, unless more than MAX_STARTS were to be started."""
    budget = supply.budget
    pool_states = [_PoolState(pool, budget.limits) for pool in pools]
    team = _Team(pool_states, supply, budget, now)
    for pool_state in pool_states:
        for demand in pool_state.unmet:
            team.start_for(pool_state, demand)
    team.cover_running()
    for pool_state in pool_states:
        pool_state.retire_at_limit(budget.limits)
        team.keep_ready(pool_state)
    for pool_state in pool_states:
        pool_state.retire_idle(now)
    return {pool_state.id: pool_state.plan for pool_state in pool_states}


@dataclass(slots=True)
class _Account:
    """Places of a pool, or TFT of a team: what is free `now`, what will be once all that leaves is gone (`soon`, beyond
    now), and what of `now` is kept for older jobs."""

    now: int
    soon: int
    promised: int = 0

    @property
    def total(self) -> int:
        return self.now + self.soon

    def take(self, amount: int) -> None:
        self.now -= amount

    def promise(self, amount: int) -> None:
        """To a job that waits for what leaves."""
        at_hand = min(max(self.now, 0), amount)
        self.now -= at_hand
        self.promised += at_hand
        self.soon -= amount - at_hand


class _Team:
    """All pools over one balance, within the operator's limits."""

    def __init__(
        self, pool_states: Sequence["_PoolState"], supply: Supply, budget: Budget, now: datetime
    ) -> None:
        self.pool_states, self.supply, self.budget, self.now = pool_states, supply, budget, now
        self.started = 0
        leaving = sum(pool_state.leaving for pool_state in pool_states)
        cost = sum(pool_state.leaving_cost for pool_state in pool_states)
        self.money = _Account(int(self.budget.left), cost)
        self.vms = _Account(_rest(self.budget.max_vms, self.budget.vms), leaving)
        self.price = _Account(_rest(self.budget.max_per_hour, self.budget.per_hour), cost)
        # By node: the sizes that what leaves it makes room for. And for which pools and sizes no node can be cleared.
        self.clearing: dict[int, list[str]] = defaultdict(list)
        self.not_clearable: set[tuple[int, str]] = set()
        self.short = False  # whether a job waits for what all pools of the team share

    def start_for(self, pool_state: "_PoolState", demand: Demand) -> None:
        """Start a VM for a job that none stands for, or record why not."""
        unplaced = pool_state.spare.first(UNPLACED, (demand.size, ""))
        reason = self._make_room(pool_state, demand, unplaced)
        if reason is None:
            self._start(pool_state, demand.size, unplaced, demand)
            return
        pool_state.plan.held_up[demand.job_id] = reason
        self.short = self.short or isinstance(reason, Balance | TeamVms | TeamPrice)
        if isinstance(reason, GridRefused):
            # It stays, with the time until which it waits.
            pool_state.spare.take([UNPLACED], (demand.size, ""))

    def _make_room(
        self, pool_state: "_PoolState", demand: Demand, unplaced: PoolVM | None
    ) -> WaitReason | None:
        """Retire idle VMs where that will let a job's VM start; why none starts now, or None where it may."""
        if unplaced and unplaced.refused:
            return unplaced.refused
        site = self.supply.find(pool_state.id, demand.size)
        full = self.budget.limits.full(pool_state.id, demand.repository)
        if full and not (isinstance(site, WaitReason) and site.permanent):
            return StoppedByLimit.of(full)
        if isinstance(site, WaitReason):
            return self._clear_a_node(pool_state, demand, site) if isinstance(site, NoNodeNow) else site
        if self.started >= MAX_STARTS:
            return NextDecision(MAX_STARTS)
        cost = int(site.per_hour)
        reason = self._missing(pool_state, cost)
        if reason and (retired := self._vms_to_retire(pool_state, cost)) is not None:
            for idle_vm in retired:
                self._retire(idle_vm, MakesWay())
            for account, amount in self._needs(pool_state, cost):
                account.promise(amount)
        return reason

    def _needs(self, pool_state: "_PoolState", cost: int) -> list[tuple[_Account, int]]:
        """What one VM of that cost takes."""
        return [(pool_state.places, 1), (self.vms, 1), (self.price, cost), (self.money, cost)]

    def _missing(self, pool_state: "_PoolState", cost: int) -> WaitReason | None:
        """The first of it that is not there now."""
        if pool_state.places.now < 1:
            return PoolMaximum(pool_state.limits.max_vms, pool_state.places.promised)
        if self.vms.now < 1:
            return TeamVms(self.budget.max_vms or 0, self.vms.promised)
        if self.price.now < cost:
            limit = int(self.budget.max_per_hour or 0)
            return TeamPrice(cost, limit - self.price.now, limit)
        if self.money.now < cost:
            short = OwnTwinShort if self.budget.on_own_twin else Balance
            return short(cost, cost - self.money.now, self.money.promised)
        return None

    def _vms_to_retire(self, pool_state: "_PoolState", cost: int) -> list[tuple["_PoolState", PoolVM]] | None:
        """The idle VMs that must leave for one of that cost to fit in: its own pool's where that lacks a place, then
        the last pool's first. None where even all of them are not enough."""
        lacks = [amount - account.total for account, amount in self._needs(pool_state, cost)]
        own = [(pool_state, vm) for vm in pool_state.spare.each(READY)][: max(0, lacks[0])]
        rest = [(other, vm) for other in reversed(self.pool_states) for vm in other.spare.each(READY)]
        chosen: list[tuple[_PoolState, PoolVM]] = []
        for one in chain(own, rest):
            per_hour = int(one[1].per_hour)
            frees = (int(one[0] is pool_state), 1, per_hour, per_hour)
            if one not in chosen and any(lack > 0 < free for lack, free in zip(lacks, frees, strict=True)):
                chosen.append(one)
                lacks = [lack - free for lack, free in zip(lacks, frees, strict=True)]
        return chosen if max(lacks) <= 0 else None

    def _clear_a_node(self, pool_state: "_PoolState", demand: Demand, reason: NoNodeNow) -> NoNodeNow:
        """The reason, with the node that idle VMs leave for the job, where that will let it start."""
        if demand.clearing_until and datetime.fromisoformat(demand.clearing_until) > self.now:
            return replace(reason, clearing_node=demand.clearing_node, clearing_until=demand.clearing_until)
        if (pool_state.id, demand.size) in self.not_clearable:
            return reason
        found = min(self._clearable(pool_state, demand.size), key=lambda one: len(one[1]), default=None)
        if found is None:
            self.not_clearable.add((pool_state.id, demand.size))
            return reason
        site, chosen = found
        for idle_vm in chosen:
            self._retire(idle_vm, MakesWay())
        for account, amount in self._needs(pool_state, int(site.per_hour)):
            account.promise(amount)
        self.clearing[site.node.id].append(demand.size)
        if not chosen:
            return reason
        until = (self.now + CLEARED_AFTER).isoformat()
        return replace(reason, clearing_node=site.node.node_id, clearing_until=until)

    def _clearable(
        self, pool_state: "_PoolState", size: str
    ) -> Iterator[tuple[VmSite, list[tuple["_PoolState", PoolVM]]]]:
        """Sites that it would have once what leaves a node is gone, with the idle VMs that must leave as well, the last
        pool's first; where the team's limits and balance have room for it then."""
        pool_states = list(reversed(self.pool_states))
        leaving = [vm for one in pool_states for vm in one.going]
        idle = [(one, vm) for one in pool_states for vm in one.spare.each(READY)]
        vms = [*leaving, *(vm for _, vm in idle)]
        for node_id in sorted({vm.node_id for vm in vms if vm.node_id}):
            freed = [vm.size for vm in leaving if vm.node_id == node_id]
            here = [one for one in idle if one[1].node_id == node_id]
            for count in range(len(here) + 1):
                chosen = here[:count]
                gone = freed + [vm.size for _, vm in chosen]
                site = self.supply.after(pool_state.id, size, node_id, gone, self.clearing[node_id])
                if site and self._affords(pool_state, int(site.per_hour), chosen):
                    yield site, chosen
                    break

    def _affords(
        self, pool_state: "_PoolState", cost: int, chosen: Sequence[tuple["_PoolState", PoolVM]]
    ) -> bool:
        """Whether a VM of that cost is within limits and balance once these are gone, and all else that leaves."""
        per_hour = sum(int(vm.per_hour) for _, vm in chosen)
        frees = (sum(one is pool_state for one, _ in chosen), len(chosen), per_hour, per_hour)
        needs = self._needs(pool_state, cost)
        return all(
            amount <= account.total + free for (account, amount), free in zip(needs, frees, strict=True)
        )

    def _retire(self, idle_vm: tuple["_PoolState", PoolVM], reason: VmReason) -> None:
        pool_state, vm = idle_vm
        pool_state.spare.remove(vm)
        pool_state.going.append(vm)
        self.not_clearable.clear()  # with more that leaves there may be such a node
        pool_state.plan.retire[vm.id] = reason
        for account, amount in self._needs(pool_state, int(vm.per_hour)):
            account.soon += amount

    def _start(
        self, pool_state: "_PoolState", size: str, unplaced: PoolVM | None, demand: Demand | None = None
    ) -> None:
        site = self.supply.take(pool_state.id, size)
        assert isinstance(site, VmSite)  # noqa: S101 - find() has just found one
        if unplaced:
            pool_state.spare.remove(unplaced)
        job_id, repository = (demand.job_id, demand.repository) if demand else (None, "")
        pool_state.plan.start.append(Start(size, site, unplaced.id if unplaced else None, job_id))
        self.budget.limits.start(pool_state.id, repository, site.per_hour)
        for account, amount in self._needs(pool_state, int(site.per_hour)):
            account.take(amount)
        self.started += 1

    def cover_running(self) -> None:
        """While the balance does not cover what runs, retire idle VMs: as many as it takes, the last pool's first."""
        idle = (
            (pool_state, vm)
            for pool_state in reversed(self.pool_states)
            for vm in list(pool_state.spare.each(READY))
        )
        for one in idle:
            if self.money.total >= 0:
                return
            if one[1].per_hour:
                self._retire(one, HourUncovered(int(-self.money.total)))

    def keep_ready(self, pool_state: "_PoolState") -> None:
        """Start what is missing of each size's minimum; what there is of it stays. Only VMs that serve all count."""
        for size, minimum in sorted(pool_state.limits.min_vms.items()):
            kept = 0
            while kept < minimum and pool_state.spare.take([READY, *COMING], (size, "")):
                kept += 1
            for _ in range(minimum - kept):
                if reason := self._start_ready(pool_state, size):
                    pool_state.plan.not_ready[size] = reason

    def _start_ready(self, pool_state: "_PoolState", size: str) -> WaitReason | None:
        """Start one VM more of that size to be kept ready; why not, or None where it is. Nothing gives way for it."""
        unplaced = pool_state.spare.first(UNPLACED, (size, ""))
        if unplaced and unplaced.refused:
            pool_state.spare.remove(unplaced)
            return unplaced.refused
        site = self.supply.find(pool_state.id, size)
        if isinstance(site, WaitReason):
            return site
        if full := self.budget.limits.full(pool_state.id):
            return StoppedByLimit.of(full)
        if missing := self._missing(pool_state, int(site.per_hour)):
            return missing
        if self.short:
            return JobsFirst()
        if self.money.now < 2 * site.per_hour:
            return ReadyBalance(int(site.per_hour), 2 * int(site.per_hour) - self.money.now)
        if self.started >= MAX_STARTS:
            return NextDecision(MAX_STARTS)
        self._start(pool_state, size, unplaced)
        return None


def _rest(limit: int | None, used: int) -> int:
    return NO_LIMIT if limit is None else int(limit) - int(used)


class _PoolState:
    """One pool while it is planned."""

    def __init__(self, pool: PoolSeen, limits: LimitRoom) -> None:
        self.id, self.limits, self.plan = pool.id, pool.limits, Plan()
        for vm in pool.vms:
            if vm.outdated and vm.state in (READY, "wanted", UNPLACED) and not vm.leaving:
                self.plan.retire[vm.id] = vm.outdated
        self.spare = _Spare(vm for vm in pool.vms if not vm.leaving and _fits(vm))
        by_age = sorted(pool.demands, key=lambda demand: (demand.since, demand.job_id))
        self._stop_at_limits(by_age, limits)
        stopped = self.plan.held_up
        self.unmet = [each for each in by_age if each.job_id not in stopped and not self._covered(each)]
        placed = [vm for vm in pool.vms if vm.state != UNPLACED]
        going = [one for one in placed if one.leaving or one.state == REMOVING or one.id in self.plan.retire]
        self.going = going
        self.leaving, self.leaving_cost = len(going), sum(int(vm.per_hour) for vm in going)
        self.places = _Account(pool.limits.max_vms - len(placed), len(going))

    def _stop_at_limits(self, demands: Iterable[Demand], limits: LimitRoom) -> None:
        """Hold up jobs whose spending limit is reached, so that no VM stands for them. Those that no node can take stay
        refused."""
        for demand in demands:
            spent = None if demand.awaits or demand.refused else limits.spent(self.id, demand.repository)
            if spent:
                self.plan.held_up[demand.job_id] = StoppedByLimit.of(spent)

    def _covered(self, demand: Demand) -> bool:
        """By a runner of its label set, else a VM on standby, else one that is on its way."""
        kinds = [(demand.size, scope) for scope in demand.scopes]
        vm = self.spare.take([GIVEN], (demand.connection_id, demand.label_key))
        if vm is None and (vm := self.spare.take([READY], *kinds)):
            self.plan.bind[vm.id] = demand
        vm = vm or self.spare.take(COMING, *kinds)
        if vm is None:
            return False
        self.plan.vm_of_job[demand.job_id] = vm.id
        return True

    def retire_at_limit(self, limits: LimitRoom) -> None:
        """Once a spending limit of pool or team is reached no further job may have what stands by."""
        if spent := limits.spent(self.id):
            for vm in self.spare.each(READY):
                self.spare.remove(vm)
                self.plan.retire[vm.id] = LimitReached.of(spent)

    def retire_idle(self, now: datetime) -> None:
        """Retire what is left: VMs without a node at once, those on standby after the pool's linger time."""
        for vm in self.spare.each(UNPLACED):
            self.plan.retire[vm.id] = Unplaced()
        for vm in self.spare.each(READY):
            if now - vm.since >= self.limits.linger:
                minutes = round(self.limits.linger.total_seconds() / 60)
                self.plan.retire[vm.id] = Idle(minutes)


def _fits(vm: PoolVM) -> bool:
    """Whether it may be meant for a job. One that has a runner already keeps it."""
    return vm.state == GIVEN or not vm.outdated


class _Spare:
    """VMs that nothing needs yet, in queues of those that may stand for each other, oldest first."""

    def __init__(self, vms: Iterable[PoolVM]) -> None:
        self.queues: dict[tuple[Any, ...], deque[PoolVM]] = defaultdict(deque)
        for vm in sorted(vms, key=lambda vm: (vm.since, vm.id)):
            self.queues[self._key(vm)].append(vm)

    @staticmethod
    def _key(vm: PoolVM) -> tuple[Any, ...]:
        """A kind: size and scope, or for GIVEN an organisation and label set."""
        given = vm.state == GIVEN
        kind = (vm.connection_id, vm.label_key) if given else (vm.size, vm.scope)
        return (vm.state, *kind)

    def first(self, state: str, kind: tuple[Any, ...]) -> PoolVM | None:
        queue = self.queues.get((state, *kind))
        return queue[0] if queue else None

    def take(self, states: Iterable[str], *kinds: tuple[Any, ...]) -> PoolVM | None:
        """The first of the first state and kind that has one."""
        for state, kind in ((state, kind) for state in states for kind in kinds):
            if self.first(state, kind):
                return self.queues[state, *kind].popleft()
        return None

    def remove(self, vm: PoolVM) -> None:
        self.queues[self._key(vm)].remove(vm)

    def each(self, state: str) -> Iterator[PoolVM]:
        """All of a state, oldest first in each queue."""
        return chain.from_iterable(list(queue) for key, queue in self.queues.items() if key[0] == state)
