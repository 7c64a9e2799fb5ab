"""Give the VMs that servers want their nodes; those of pools are placed when they are planned (pools/planner.py)."""

from datetime import datetime

from django.db import transaction

from billing import quotes
from billing.budgets import Allowance
from runners.models import VM
from runners.reasons.waits import StoppedByLimit, WaitReason
from runners.vms import supply
from tfci.core.optional import present


@transaction.atomic
def place(wallet_id: int, now: datetime) -> set[int]:
    """Give each VM that a server of the wallet wants its node and its quote, as far as the balance covers its first
    hour. Returns the VMs that have one now."""
    supply.lock(wallet_id)
    wanted = VM.objects.unretired().filter(wallet=wallet_id, state=VM.State.WANTED, node=None, pool=None)
    batch = list(wanted.select_related("server", "wallet").order_by("created_at", "pk"))
    if not batch:
        return set()
    team_supply = supply.TeamSupply(
        batch[0].wallet, {supply.chooser(vm): present(vm.server) for vm in batch}, now
    )
    left = team_supply.allowance
    for vm in batch:
        site = _wait_reason(vm, team_supply, left, now) or team_supply.take(supply.chooser(vm), vm.size)
        if isinstance(site, WaitReason):
            vm.set_reason(site)
        else:
            left = left.after_start(site.per_hour)
            team_supply.limits.start(None, "", site.per_hour)
            vm.node_id, vm.next_step_at = site.node.id, now
            vm.own_twin_id = left.own_twin
            [vm.quote] = quotes.quote([(vm, site.node)], present(team_supply.prices), now)
    VM.objects.bulk_update(batch, ["node", "quote", "own_twin", "reason", "reason_params", "next_step_at"])
    return {vm.pk for vm in batch if vm.node_id}


def _wait_reason(vm: VM, team_supply: supply.TeamSupply, left: Allowance, now: datetime) -> WaitReason | None:
    """Why it can't be placed now; None where it can."""
    if refusal := supply.refusal(vm, now):
        return refusal
    site = team_supply.find(supply.chooser(vm), vm.size)
    if isinstance(site, WaitReason):
        return site
    full = team_supply.limits.full(None)
    return StoppedByLimit.of(full) if full else supply.lacking(left, site.per_hour)
