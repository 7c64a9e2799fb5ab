"""What a VM waits for, and why it moved on. What happened meanwhile: vm_notes.py; why one goes: vm_ends.py."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from tfci.core.formatting import plural
from tfci.core.reasons import Other, Owner, Reason, Severity
from tfci.core.translation import translated


class VmCode(StrEnum):
    NEEDS_NODE = "needs_node"
    ORDERED = "ordered"
    NODE_REFUSED = "node_refused"
    CHAIN_TURN = "vm_chain_turn"
    NODE_TAKES = "node_takes_vm"
    DEPLOYED = "deployed"
    STARTING = "vm_starting"
    CLAIMED = "claimed"
    CAME_BACK = "came_back"
    NEEDS_JOB = "needs_job"
    BOUND = "bound"
    HANDOVER = "handover"
    CALLS_PAUSED = "calls_paused"
    FORGE_AWAY = "forge_away"
    JOB_NOTED = "job_being_noted"
    WHICH_JOB = "which_job"
    WHICH_JOB_RAN = "which_job_ran"
    RUNS = "runs_job"
    LAST_LINES = "last_lines"
    JOB_FOLLOWS = "job_follows"
    REBOOTING = "rebooting"
    KEPT_OPEN = "kept_open"
    DEBUGGED = "debugged"
    DEREGISTERING = "deregistering"
    CANCELING = "canceling_contract"
    APP_STARTING = "app_starting"
    APP_ANSWERS = "app_answers"
    APP_SILENT = "app_silent"
    PROGRAM_RESTS = "program_rests"


@dataclass(frozen=True, slots=True)
class VmReason(Reason):
    """Nodes, jobs, connections and people are named as people know them."""

    known: ClassVar[dict[str, type[Reason]]] = {}


Part = dict[str, Any]  # a reason within another: its code and params


def part(reason: Reason) -> Part:
    return {"code": str(reason.code), "params": reason.params}


def read_part(stored: Part) -> Reason:
    """A code that is none of a VM's, as one of a later version, is its own sentence."""
    found, params = VmReason.known.get(stored["code"]), stored["params"]
    return found.read(params) if found else Other(params.get("text", stored["code"]))


def minutes_text(minutes: int) -> str:
    return plural(minutes, "minute")


@dataclass(frozen=True, slots=True)
class VmOnNode(VmReason):
    node: str


@dataclass(frozen=True, slots=True)
class OfJob(VmReason):
    job: str


@dataclass(frozen=True, slots=True)
class AtForge(VmReason):
    owner: ClassVar[Owner] = Owner.FORGE
    connection: str


@dataclass(frozen=True, slots=True)
class ForgeSays(AtForge):
    """`answer`: the forge's own, or why it could not be called."""

    severity: ClassVar[Severity] = Severity.WARNING
    answer: str


class NeedsNode(VmReason):
    code = VmCode.NEEDS_NODE
    sentence = translated("waiting for a node")


class Ordered(VmOnNode):
    code = VmCode.ORDERED
    sentence = translated("deployment ordered on {node}")


@dataclass(frozen=True, slots=True)
class NodeRefused(VmOnNode):
    """`answer`: the grid's own."""

    code = VmCode.NODE_REFUSED
    owner = Owner.GRID
    severity = Severity.WARNING
    sentence = translated("{node} rejected it: {answer}")
    answer: str


class VmChainTurn(VmReason):
    code = VmCode.CHAIN_TURN
    sentence = translated("waiting for its turn on the chain")


class NodeTakes(VmOnNode):
    code = VmCode.NODE_TAKES
    owner = Owner.GRID
    sentence = translated("waiting for {node} to deploy it")


class Deployed(VmOnNode):
    code = VmCode.DEPLOYED
    owner = Owner.GRID
    sentence = translated("deployed on {node}")


class Starting(VmOnNode):
    code = VmCode.STARTING
    owner = Owner.VM
    sentence = translated("waiting for the VM on {node} to start")


class Claimed(VmReason):
    code = VmCode.CLAIMED
    owner = Owner.VM
    sentence = translated("its agent claimed it")


@dataclass(frozen=True, slots=True)
class CameBack(VmReason):
    code = VmCode.CAME_BACK
    owner = Owner.VM
    sentence = translated("it restarted with a new key after {seconds:.1f} s")
    seconds: float


class NeedsJob(VmReason):
    code = VmCode.NEEDS_JOB
    sentence = translated("waiting for a job")


class Bound(OfJob):
    code = VmCode.BOUND
    sentence = translated("assigned to {job}")


class Handover(AtForge):
    code = VmCode.HANDOVER
    sentence = translated("waiting for {connection} to hand over the job")


class CallsPaused(ForgeSays):
    code = VmCode.CALLS_PAUSED
    sentence = translated("{connection} asked for a pause in calls: {answer}")


class ForgeAway(ForgeSays):
    code = VmCode.FORGE_AWAY
    sentence = translated("{connection} can't be reached: {answer}")


class JobBeingNoted(VmReason):
    code = VmCode.JOB_NOTED
    sentence = translated("waiting for its job to be recorded")


class WhichJob(AtForge):
    code = VmCode.WHICH_JOB
    sentence = translated("waiting for {connection} to report which job it has")


class WhichJobRan(AtForge):
    code = VmCode.WHICH_JOB_RAN
    sentence = translated("waiting for {connection} to report which job it ran")


class RunsJob(OfJob):
    code = VmCode.RUNS
    owner = Owner.CODE
    sentence = translated("running {job}")


class LastLines(VmReason):
    code = VmCode.LAST_LINES
    owner = Owner.VM
    sentence = translated("waiting for its engine's last log lines")


@dataclass(frozen=True, slots=True)
class JobFollows(VmReason):
    code = VmCode.JOB_FOLLOWS
    sentence = translated("its job ended: {conclusion}; another may follow")
    conclusion: str


class Rebooting(VmReason):
    code = VmCode.REBOOTING
    owner = Owner.VM
    sentence = translated("waiting for the VM to reboot")


@dataclass(frozen=True, slots=True)
class KeptOpen(VmReason):
    """`end`: why it would go."""

    code = VmCode.KEPT_OPEN
    owner = Owner.TEAM
    sentence = translated("{end}; debug access is open for {person}")
    person: str
    end: Part

    def __str__(self) -> str:
        return self.sentence.format(end=read_part(self.end), person=self.person)


@dataclass(frozen=True, slots=True)
class Debugged(VmReason):
    code = VmCode.DEBUGGED
    owner = Owner.TEAM
    sentence = translated("kept while {person} has debug access")
    person: str


@dataclass(frozen=True, slots=True)
class Deregistering(VmReason):
    """`connections`: whose forges have not removed its runner yet."""

    code = VmCode.DEREGISTERING
    owner = Owner.FORGE
    sentence = translated("waiting for {connections} to remove its runner")
    connections: str


class CancelingContract(VmReason):
    code = VmCode.CANCELING
    owner = Owner.GRID
    sentence = translated("waiting for the grid to cancel its contract")


class AppStarting(VmReason):
    code = VmCode.APP_STARTING
    owner = Owner.VM
    sentence = translated("waiting for its app to answer")


class AppAnswers(VmReason):
    code = VmCode.APP_ANSWERS
    owner = Owner.VM
    sentence = translated("its app answers")


class AppSilent(VmReason):
    code = VmCode.APP_SILENT
    owner = Owner.VM
    severity = Severity.WARNING
    sentence = translated("waiting for its app to answer again")


@dataclass(frozen=True, slots=True)
class ProgramRests(VmReason):
    """`message`: its agent's, of how the program ended."""

    code = VmCode.PROGRAM_RESTS
    owner = Owner.VM
    severity = Severity.WARNING
    sentence = translated("waiting for its program to restart: {message}")
    message: str
