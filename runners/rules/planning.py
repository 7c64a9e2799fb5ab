"""Demand against alive machines, within a pool's limits -> what to bind, want and retire. Pure.

A forge decides which runner takes which job, so demand is counted by (organisation, label set); each waiting job
is still told which machine stands for it, by age: the k-th oldest job by the k-th most advanced machine.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

COMING = ("booting", "deploying", "wanted")  # most advanced first
GIVEN = "assigned"  # registered for a label set, and no job on it yet
READY = "standby"


@dataclass(frozen=True, slots=True)
class Demand:
    """One queued job that may have a machine now."""

    job_id: int
    org_id: int
    label_key: str
    size: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine that is not gone. `org_id` and `label_key` once it is bound."""

    id: int
    size: str
    state: str
    since: datetime  # in this state
    org_id: int | None = None
    label_key: str | None = None
    leaving: bool = False  # told to retire already


@dataclass(frozen=True, slots=True)
class Limits:
    max_vms: int
    min_vms: Mapping[str, int]  # size -> machines standing by or on their way, beyond demand
    linger: timedelta
    no_money: str = ""  # why nothing may be started now


@dataclass(slots=True)
class Plan:
    bind: dict[int, Demand] = field(default_factory=dict)  # machine id -> the job it is registered for
    want: list[str] = field(default_factory=list)  # sizes, one for each new machine
    meant_for: dict[int, int] = field(default_factory=dict)  # job id -> its place in want
    retire: dict[int, str] = field(default_factory=dict)  # machine id -> why
    stands_for: dict[int, int] = field(default_factory=dict)  # job id -> the machine that it waits for
    held_up: dict[int, str] = field(default_factory=dict)  # job id -> why it has none


def plan(demands: Iterable[Demand], machines: Sequence[Machine], limits: Limits, now: datetime) -> Plan:
    """Planning again after this plan was carried out gives an empty plan."""
    made = Plan()
    spare = _Spare(machine for machine in machines if not machine.leaving)
    unmet = [demand for demand in _by_age(demands) if not _covered(demand, spare, made)]
    room = limits.max_vms - len(machines)
    for demand in unmet:
        room -= _start(demand, limits, room, made)
    _make_room([demand for demand in unmet if demand.job_id in made.held_up], spare, limits, made)
    room -= _keep_minimum(spare, limits, room, made)
    _retire(spare, limits, now, made)
    return made


class _Spare:
    """Machines that nothing needs yet; the most advanced are given away first."""

    def __init__(self, machines: Iterable[Machine]) -> None:
        self.machines = sorted(machines, key=lambda machine: (machine.since, machine.id))

    def take(self, states: Sequence[str], **wanted) -> Machine | None:
        for state in states:
            for machine in self.machines:
                if machine.state == state and all(
                    getattr(machine, name) == value for name, value in wanted.items()
                ):
                    self.machines.remove(machine)
                    return machine
        return None

    def of(self, *states: str) -> list[Machine]:
        return [machine for machine in self.machines if machine.state in states]


def _by_age(demands: Iterable[Demand]) -> list[Demand]:
    return sorted(demands, key=lambda demand: (demand.since, demand.job_id))


def _covered(demand: Demand, spare: _Spare, made: Plan) -> bool:
    """By a runner of its label set, else a machine on standby, else one that is on its way."""
    machine = spare.take([GIVEN], org_id=demand.org_id, label_key=demand.label_key)
    if machine is None:
        machine = spare.take([READY], size=demand.size)
        if machine:
            made.bind[machine.id] = demand
    machine = machine or spare.take(COMING, size=demand.size)
    if machine is None:
        return False
    made.stands_for[demand.job_id] = machine.id
    return True


def _start(demand: Demand, limits: Limits, room: int, made: Plan) -> int:
    """1 when a machine is wanted for it, else 0 with the reason."""
    if limits.no_money:
        made.held_up[demand.job_id] = limits.no_money
    elif room <= 0:
        made.held_up[demand.job_id] = f"the pool has its maximum of {limits.max_vms} machines"
    else:
        made.meant_for[demand.job_id] = len(made.want)
        made.want.append(demand.size)
        return 1
    return 0


def _make_room(held_up: list[Demand], spare: _Spare, limits: Limits, made: Plan) -> None:
    """At the maximum, a machine that stands by for nobody goes, so that a job of another size gets one."""
    if limits.no_money:
        return
    for _demand, machine in zip(held_up, spare.of(READY, "wanted"), strict=False):
        spare.machines.remove(machine)
        made.retire[machine.id] = "to make room for a job of another size"


def _keep_minimum(spare: _Spare, limits: Limits, room: int, made: Plan) -> int:
    """Want what is missing of each size's minimum; what there is of it stays. Returns how many are wanted."""
    wanted = 0
    for size, minimum in sorted(limits.min_vms.items()):
        if limits.no_money:
            continue
        kept = 0
        while kept < minimum and spare.take([READY, *COMING], size=size):
            kept += 1
        missing = max(0, min(minimum - kept, room - wanted))
        made.want.extend([size] * missing)
        wanted += missing
    return wanted


def _retire(spare: _Spare, limits: Limits, now: datetime, made: Plan) -> None:
    """What is left is needed by nobody: not yet ordered goes at once, standby after it has lingered."""
    for machine in spare.of("wanted"):
        made.retire[machine.id] = "nothing needs it any more"
    for machine in spare.of(READY):
        if limits.no_money:
            made.retire[machine.id] = limits.no_money
        elif now - machine.since >= limits.linger:
            made.retire[machine.id] = f"no job came for {round(limits.linger.total_seconds() / 60)} minutes"
