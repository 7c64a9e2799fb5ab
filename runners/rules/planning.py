"""Demand against alive machines, within a pool's limits -> what to bind, want and retire. Pure.

A forge decides which runner takes which job, so demand is counted by (organisation, label set); each waiting job
is still told which machine stands for it, by age: the k-th oldest job by the k-th most advanced machine.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice

COMING = ("refreshing", "booting", "deploying", "wanted")  # most advanced first
GIVEN = "assigned"  # registered for a label set, and no job on it yet
READY = "standby"
REMOVING = "removing"


@dataclass(frozen=True, slots=True)
class Demand:
    """One queued job that may have a machine now. `scopes`: those of the machines that it may get (trust.py), which
    stand by for fewest others first."""

    job_id: int
    org_id: int
    label_key: str
    size: str
    since: datetime
    scopes: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine that is not gone. `org_id` and `label_key` once it is bound; `outdated`: why the pool would not make
    it so any more."""

    id: int
    size: str
    state: str
    since: datetime  # in this state
    org_id: int | None = None
    label_key: str | None = None
    leaving: bool = False  # told to retire already
    scope: str = ""
    outdated: str = ""


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

    @property
    def acts(self) -> bool:
        """Whether carrying it out changes anything about machines."""
        return bool(self.bind or self.want or self.retire)


def plan(demands: Iterable[Demand], machines: Sequence[Machine], limits: Limits, now: datetime) -> Plan:
    """Planning again after this plan was carried out gives an empty plan."""
    made = Plan()
    _retire_outdated(machines, made)
    spare = _Spare(machine for machine in machines if not machine.leaving and _fits(machine))
    unmet = [demand for demand in _by_age(demands) if not _covered(demand, spare, made)]
    room = limits.max_vms - len(machines)
    for demand in unmet:
        room -= _start(demand, limits, room, made)
    if made.held_up and not limits.no_money:
        going = sum(machine.leaving or machine.state == REMOVING for machine in machines) + len(made.retire)
        _make_room(len(made.held_up) - going - room, spare, made)
    _keep_minimum(spare, limits, room, made)
    _retire(spare, limits, now, made)
    return made


def _fits(machine: Machine) -> bool:
    """Whether it may be meant for a job. One that has a runner already keeps it."""
    return machine.state == GIVEN or not machine.outdated


def _retire_outdated(machines: Iterable[Machine], made: Plan) -> None:
    """Those that stand by or were not ordered yet; the others go when they come to stand by."""
    for machine in machines:
        if machine.outdated and machine.state in (READY, "wanted") and not machine.leaving:
            made.retire[machine.id] = machine.outdated


class _Spare:
    """Machines that nothing needs yet, in lines of those that may stand for each other, oldest first."""

    def __init__(self, machines: Iterable[Machine]) -> None:
        self.lines: dict[tuple, deque[Machine]] = defaultdict(deque)
        for machine in sorted(machines, key=lambda machine: (machine.since, machine.id)):
            given = machine.state == GIVEN
            kind = (machine.org_id, machine.label_key) if given else (machine.size, machine.scope)
            self.lines[machine.state, *kind].append(machine)

    def take(self, states: Iterable[str], *kinds: tuple) -> Machine | None:
        """The first of the first state and kind that has one. A kind: size and scope, or for GIVEN an organisation and
        label set."""
        for key in ((state, *kind) for state in states for kind in kinds):
            if line := self.lines.get(key):
                return line.popleft()
        return None

    def drain(self, state: str) -> Iterator[Machine]:
        """Takes all of a state, one after the other."""
        for line in [line for key, line in self.lines.items() if key[0] == state]:
            while line:
                yield line.popleft()


def _by_age(demands: Iterable[Demand]) -> list[Demand]:
    return sorted(demands, key=lambda demand: (demand.since, demand.job_id))


def _covered(demand: Demand, spare: _Spare, made: Plan) -> bool:
    """By a runner of its label set, else a machine on standby, else one that is on its way."""
    kinds = [(demand.size, scope) for scope in demand.scopes]
    machine = spare.take([GIVEN], (demand.org_id, demand.label_key))
    if machine is None and (machine := spare.take([READY], *kinds)):
        made.bind[machine.id] = demand
    machine = machine or spare.take(COMING, *kinds)
    if machine is None:
        return False
    made.stands_for[demand.job_id] = machine.id
    return True


def _start(demand: Demand, limits: Limits, room: int, made: Plan) -> int:
    """1 when a machine is wanted for it, else 0 with the reason."""
    if limits.no_money:
        made.held_up[demand.job_id] = limits.no_money
    elif room <= 0:
        machines = "1 machine" if limits.max_vms == 1 else f"{limits.max_vms} machines"
        made.held_up[demand.job_id] = f"the pool has its maximum of {machines}"
    else:
        made.meant_for[demand.job_id] = len(made.want)
        made.want.append(demand.size)
        return 1
    return 0


def _make_room(missing: int, spare: _Spare, made: Plan) -> None:
    """At the maximum, machines that stand by for nobody go, so that jobs of another size get theirs."""
    for machine in islice(chain(spare.drain("wanted"), spare.drain(READY)), max(0, missing)):
        made.retire[machine.id] = "to make room for a job of another size"


def _keep_minimum(spare: _Spare, limits: Limits, room: int, made: Plan) -> None:
    """Want what is missing of each size's minimum; what there is of it stays. Only machines that serve all count."""
    if limits.no_money:
        return
    for size, minimum in sorted(limits.min_vms.items()):
        kept = 0
        while kept < minimum and spare.take([READY, *COMING], (size, "")):
            kept += 1
        wanted = max(0, min(minimum - kept, room))
        made.want.extend([size] * wanted)
        room -= wanted


def _retire(spare: _Spare, limits: Limits, now: datetime, made: Plan) -> None:
    """What is left is needed by nobody: not yet ordered goes at once, standby after it has lingered."""
    for machine in spare.drain("wanted"):
        made.retire[machine.id] = "nothing needs it any more"
    for machine in spare.drain(READY):
        if limits.no_money:
            made.retire[machine.id] = limits.no_money
        elif now - machine.since >= limits.linger:
            made.retire[machine.id] = f"no job came for {round(limits.linger.total_seconds() / 60)} minutes"
