"""Whose jobs may follow one another on a VM that reboots between them. Pure; docs/design/design.md 7 has the reasons.

A job is root on its VM: it may have read the bootstrap token, and what it leaves behind is only as far away as the
reboot is honest. So a VM that has run a job serves its scope of trust alone from then on.
"""

from dataclasses import dataclass
from datetime import timedelta

from runners.reasons.reuse import (
    EngineKilled,
    ManyJobs,
    NewVmEachJob,
    NotErased,
    OldVm,
    ReachTooWide,
    ReuseReason,
    UntrustedEvent,
)

REPOSITORY, ORGANISATION = "repository", "organisation"
REACHES = {REPOSITORY: {REPOSITORY}, ORGANISATION: {REPOSITORY, ORGANISATION}}  # by a pool's setting
UNREADABLE = frozenset({"encrypted", "ram"})  # what a job wrote is gone with the VM's memory
TRUSTED_EVENTS = frozenset(
    {"push", "schedule", "workflow_dispatch", "create", "delete", "release"}
)  # only who may push causes them
MAX_JOBS = 20
MAX_AGE = timedelta(hours=24)
FRESH = ""  # the scope of a VM that has run nothing: it serves everybody of its pool


@dataclass(frozen=True, slots=True)
class History:
    """What a VM has done until its job ended. `event`: what the job's run came from, as its forge reports;
    `cause`: how its engine ended; `age`: since it was deployed; `clean`: its grid starts it anew from an image that no
    guest can write; `reach`: whose jobs its forge may hand to the runner that we make for it, repository, organisation
    or more."""

    protection: str
    clean: bool
    reach: str
    event: str
    cause: str
    jobs: int
    age: timedelta


def scope(reuse: str, connection_id: int, repository: str) -> str:
    """Whose jobs a VM serves once it has run one of this repository."""
    return (
        f"{ORGANISATION}:{connection_id}"
        if reuse == ORGANISATION
        else f"{REPOSITORY}:{connection_id}:{repository}"
    )


def scopes(connection_id: int, repository: str) -> tuple[str, ...]:
    """Those of all VMs that a job may get, the narrowest first, new ones last."""
    return (
        scope(REPOSITORY, connection_id, repository),
        scope(ORGANISATION, connection_id, repository),
        FRESH,
    )


def repository_of(scope: str) -> str:
    """The repository that it stands for; "" where it is not one."""
    return scope.split(":", 2)[2] if scope.startswith(REPOSITORY) else ""


def allows(reuse: str, scope: str) -> bool:
    """Whether a pool still lets a VM of that scope take jobs."""
    return scope.partition(":")[0] in {
        ORGANISATION: (FRESH, REPOSITORY, ORGANISATION),
        REPOSITORY: (FRESH, REPOSITORY),
    }.get(reuse, (FRESH,))


def refusal_reason(reuse: str, history: History) -> ReuseReason | None:
    """Why a VM takes no further job; None where it may be refreshed."""
    if reuse not in REACHES:
        return NewVmEachJob()
    if history.protection not in UNREADABLE or not history.clean:
        return NotErased()
    if history.reach not in REACHES[reuse]:
        return ReachTooWide(reuse)
    if history.event not in TRUSTED_EVENTS:
        return UntrustedEvent(history.event)
    if history.cause != "exited":
        return EngineKilled()
    if history.jobs >= MAX_JOBS:
        return ManyJobs(history.jobs)
    return OldVm(MAX_AGE // timedelta(hours=1)) if history.age >= MAX_AGE else None
