"""All reasons by code, for rows that state one, for the API's schema and for the manual. A code means one thing in all
families that rows store."""

from collections.abc import Mapping
from typing import Any

from billing.money_problems.reasons import MoneyProblem
from billing.twin_rules.reasons import OwnTwinReason
from billing.withdrawal_rules.reasons import WithdrawalReason
from runners.reasons import retirements, reuse, vm_ends, vm_notes  # noqa: F401 - reasons of VMs
from runners.reasons.connections import ConnectionReason
from runners.reasons.deliveries import DeliveryReason
from runners.reasons.ends import EndReason
from runners.reasons.jobs import JobReason
from runners.reasons.labels import LabelReason
from runners.reasons.logs import LogReason
from runners.reasons.pools import PoolReason
from runners.reasons.refusals import RefusalReason
from runners.reasons.reruns import RerunReason
from runners.reasons.servers import ServerReason
from runners.reasons.vms import VmReason
from runners.reasons.waits import WaitReason
from tfci.core.reasons import Other, Reason
from tfci.forges.findings import ForgeReason
from tfci.forges.problems import ForgeProblem
from tfci.grid.reasons import GridReason

FAMILIES: Mapping[str, type[Reason]] = {  # what rows store; reasons of nodes are parts of these
    "jobs": JobReason,
    "waits": WaitReason,
    "labels": LabelReason,
    "ends": EndReason,
    "reruns": RerunReason,
    "logs": LogReason,
    "pools": PoolReason,
    "vms": VmReason,
    "servers": ServerReason,
    "connections": ConnectionReason,
    "deliveries": DeliveryReason,
    "findings": ForgeReason,
    "problems": ForgeProblem,
    "grid": GridReason,
    "refusals": RefusalReason,
    "withdrawals": WithdrawalReason,
    "money": MoneyProblem,
    "own_twins": OwnTwinReason,
}
REASONS: Mapping[str, type[Reason]] = {
    Other.code: Other,
    **{code: reason for family in FAMILIES.values() for code, reason in family.known.items()},
}


def read(code: str, params: Mapping[str, Any] | None) -> Reason:
    """As a row stores it. A code of a later version, which may run beside this one, is its own sentence."""
    reason = REASONS.get(code)
    return reason.read(params) if reason else Other(code)
