"""What must be true of each job that waits, told from rows alone: it shares no code with the planner."""

from billing.models import Price, Wallet
from runners.models import VM, Job, Pool, Runner
from tfci.core.tft import Tft
from tfci.grid.models import Node

SIZES = {"2cpu8gbram50gbssd": (2, 8, 50), "8cpu32gbram200gbssd": (8, 32, 200)}
GB = 1024


def price_of(size, price, certified):
    """By the grid's formulas, on its worked table: CU and SU of a size, in TFT an hour (1e-7)."""
    cpu, memory, disk = size
    cu = min(max(memory / 4, cpu / 2), max(memory / 8, cpu), max(memory / 2, cpu / 4))
    usd = (cu * price.cu + disk / 200 * price.su) * (1.25 if certified else 1)
    return round(usd * 1000 / price.tft_musd)


class Check:
    """What is true of each job that waits, from rows alone."""

    def __init__(self, now):
        self.now, self.price = now, Price.objects.get()
        self.nodes = list(Node.objects.all())
        alive = VM.objects.exclude(state="gone").select_related("quote", "node")
        self.placed = [vm for vm in alive if vm.node_id]
        self.unplaced = [vm for vm in alive if not vm.node_id]

    def all(self):
        for pool in Pool.objects.all():
            assert len(self._of(pool)) <= max(pool.max_vms, self._kept_from_before(pool)), "above the maximum"
        for wallet in Wallet.objects.all():
            assert self._left(wallet) >= 0 or not self._idle(wallet.team_id), "idle VMs beyond the balance"
        for vm in self.unplaced:
            assert vm.retry_at and vm.retry_at > self.now, "a VM without a node that waits for nothing"
        for job in Job.objects.filter(state__in=["queued", "refused"]).select_related("pool", "awaits"):
            if job.awaits_id is None:
                self._is_true(job)
            else:
                assert job.state == "queued" and job.awaits.node_id and job.awaits.state != "gone"

    def _of(self, pool):
        return [vm for vm in self.placed if vm.pool_id == pool.pk]

    def _kept_from_before(self, pool):
        return len([vm for vm in self._of(pool) if vm.created_at < self.now or vm.state != "wanted"])

    def _left(self, wallet):
        return wallet.balance - sum(vm.quote.per_hour for vm in self.placed if vm.wallet_id == wallet.pk)

    def _idle(self, team_id, pool=None):
        """Stand by with no job meant for them, and do not leave."""
        bound = set(Runner.objects.filter(deregistered_at=None).values_list("vm", flat=True))
        return [
            vm
            for vm in self.placed
            if vm.team_id == team_id
            and vm.state == "standby"
            and not vm.retire_reason
            and vm.pk not in bound
            and (pool is None or vm.pool_id == pool.pk)
        ]

    def _cost(self, job, node):
        return price_of(SIZES[job.size], self.price, node.certified)

    def _ever(self, job, node):
        rule = job.pool.nodes.get("rule") or {}
        countries, ids = job.pool.nodes.get("countries"), job.pool.nodes.get("ids")
        named = not (countries or ids) or node.country in (countries or ()) or node.node_id in (ids or ())
        dear = rule.get("max_price") and self._cost(job, node) > Tft.parse(rule["max_price"])
        cpu, memory, disk = SIZES[job.size]
        large = node.total_cru >= cpu and node.total_mru >= memory * GB and node.total_sru >= disk
        return named and large and not dear and (node.certified or not rule.get("certified"))

    def _now(self, job, node):
        return self._ever(job, node) and node.up and not self._paused(node) and self._has_room(job, node)

    def _paused(self, node):
        return node.blocked_until and node.blocked_until > self.now

    def _has_room(self, job, node, without=()):
        _, memory, disk = SIZES[job.size]
        here = [vm for vm in self.placed if vm.node_id == node.pk and vm not in without]
        return (
            node.free_mru - GB * sum(vm.memory_gb for vm in here) >= memory * GB
            and node.free_sru - sum(vm.disk_gb for vm in here) >= disk
        )

    def _is_true(self, job):
        ever = [node for node in self.nodes if self._ever(job, node)]
        places = [node for node in self.nodes if self._now(job, node)]
        wallet, told = Wallet.objects.get(team=job.team_id), (job.reason, job.reason_params)
        assert (job.state == "refused") == (not ever), told
        match job.reason:
            case "no_node_fits" | "no_node_chosen":
                assert not ever, told
            case "too_dear":
                cheapest = min(self._cost(job, node) for node in self.nodes if self._fits_but_dear(job, node))
                limit = Tft.parse(job.pool.nodes["rule"]["max_price"])
                assert job.reason_params == {"cheapest": cheapest, "limit": limit} and cheapest > limit, told
            case "no_node_now":
                assert ever and not places or self._claimed(job), told
                assert job.reason_params.get("clearing_node") or not self._clearing_would_do(job, wallet), (
                    told
                )
            case "pool_maximum":
                assert len(self._of(job.pool)) >= job.pool.max_vms and places, told
                assert not self._idle_would_do(job, wallet, places), told
            case "balance":
                cost = min(self._cost(job, node) for node in places)
                assert (
                    self._left(wallet) < job.reason_params["per_hour"]
                    and job.reason_params["per_hour"] >= cost
                ), told
                assert not self._idle_would_do(job, wallet, places), told
            case "grid_refused":
                mine = [vm for vm in self.unplaced if vm.pool_id == job.pool_id and vm.size == job.size]
                assert any(vm.retry_at > self.now for vm in mine), told
            case _:
                raise AssertionError(told)

    def _fits_but_dear(self, job, node):
        rule = job.pool.nodes.get("rule") or {}
        free = Job(size=job.size, pool=Pool(nodes={**job.pool.nodes, "rule": {**rule, "max_price": None}}))
        return self._ever(free, node)

    def _idle_would_do(self, job, wallet, places):
        """Whether ending idle VMs would let it start: a place in its pool, and TFT of the whole team."""
        own, whole = self._idle(job.team_id, job.pool), self._idle(job.team_id)
        frees = sum(vm.quote.per_hour for vm in whole)
        place = len(self._of(job.pool)) - len(own) < job.pool.max_vms
        return (
            place
            and self._left(wallet) + frees >= max(self._cost(job, node) for node in places)
            and bool(whole)
        )

    def _clearing_would_do(self, job, wallet):
        """Whether idle VMs of its team fill a node that would take it; asked of a team's only job of that kind, which
        has a place and TFT, and where no other team waits."""
        waiting = Job.objects.filter(state="queued", reason="no_node_now")
        nodes = [node for node in self.nodes if self._ever(job, node) and node.up]
        if waiting.exclude(pk=job.pk).exists() or len(self._of(job.pool)) >= job.pool.max_vms:
            return False
        if self._left(wallet) < max(self._cost(job, node) for node in nodes or self.nodes):
            return False
        idle = self._idle(job.team_id)
        return any(self._has_room(job, node, without=idle) for node in nodes if not self._paused(node))

    def _claimed(self, job):
        """Whether room is left to a team that has fewer VMs, and waits for it too."""
        has = {team: len([vm for vm in self.placed if vm.team_id == team]) for team in (job.team_id,)}
        others = Job.objects.filter(state="queued", reason="no_node_now").exclude(team=job.team_id)
        return any(
            len([vm for vm in self.placed if vm.team_id == other.team_id]) < has[job.team_id]
            for other in others
        )
