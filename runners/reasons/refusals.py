"""Why nobody is let into a VM, and why one is not retired. Whole sentences."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import translated


class RefusalCode(StrEnum):
    NOTHING_TO_ENTER = "nothing_to_enter"
    NO_JOB_RUNS = "no_job_runs"
    NO_ADDRESS = "no_address"
    TIME_NEARLY_OVER = "time_nearly_over"
    OPEN_ALREADY = "open_already"
    NO_SSH_KEY = "no_ssh_key"
    SSH_SERVER_FAILED = "ssh_server_failed"
    HOST_KEY_UNREADABLE = "host_key_unreadable"
    VM_OF_SERVER = "vm_of_server"
    VM_RUNS_JOB = "vm_runs_job"


@dataclass(frozen=True, slots=True)
class RefusalReason(Reason):
    known: ClassVar[dict[str, type[Reason]]] = {}
    owner: ClassVar[Owner] = Owner.TEAM
    severity: ClassVar[Severity] = Severity.ERROR


class NothingToEnter(RefusalReason):
    code = RefusalCode.NOTHING_TO_ENTER
    owner = Owner.OPERATOR
    sentence = translated(
        "VMs of the simulated grid are programs on Farmhand’s own host, so there is nothing to sign in to. The local "
        "grid has real VMs."
    )


class NoJobRuns(RefusalReason):
    code = RefusalCode.NO_JOB_RUNS
    sentence = translated("Debug access can only be opened while a job runs on the VM.")


class NoAddress(RefusalReason):
    code = RefusalCode.NO_ADDRESS
    owner = Owner.GRID
    sentence = translated("The grid has not reported an address for this VM.")


class TimeNearlyOver(RefusalReason):
    code = RefusalCode.TIME_NEARLY_OVER
    sentence = translated("The VM’s job is about to time out.")


@dataclass(frozen=True, slots=True)
class OpenAlready(RefusalReason):
    code = RefusalCode.OPEN_ALREADY
    sentence = translated("Debug access is already open for {person}. Only one person at a time can have it.")
    person: str


@dataclass(frozen=True, slots=True)
class NoSshKey(RefusalReason):
    code = RefusalCode.NO_SSH_KEY
    sentence = translated("{person} has no SSH key. Add one under “Your account → SSH keys”.")
    person: str


@dataclass(frozen=True, slots=True)
class SshServerFailed(RefusalReason):
    """`said`: its agent's own."""

    code = RefusalCode.SSH_SERVER_FAILED
    owner = Owner.VM
    sentence = "{said}"
    said: str


class HostKeyUnreadable(RefusalReason):
    code = RefusalCode.HOST_KEY_UNREADABLE
    owner = Owner.VM
    sentence = translated("Its SSH server answered with a key that can’t be read.")


@dataclass(frozen=True, slots=True)
class VmOfServer(RefusalReason):
    code = RefusalCode.VM_OF_SERVER
    sentence = translated("{vm} is the VM of the server {server}. Delete the server to remove both.")
    vm: str
    server: str


@dataclass(frozen=True, slots=True)
class VmRunsJob(RefusalReason):
    code = RefusalCode.VM_RUNS_JOB
    sentence = translated(
        "{vm} is running a job and ends with it. To end it now, cancel the job at its forge."
    )
    vm: str
