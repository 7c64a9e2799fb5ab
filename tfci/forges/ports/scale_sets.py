"""Clients of scale sets: jobs that their forge announces by a queue. Errors: errors.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tfci.core.secret import Secret
from tfci.forges.facts import JobSeen


@dataclass(frozen=True, slots=True)
class Access:
    """Access to the service of a forge's scale sets. `ends`: in seconds, as the clock counts."""

    url: str
    token: Secret
    ends: float


@dataclass(frozen=True, slots=True)
class Session:
    """One listener's session of one scale set. `queue`: the address of its messages."""

    session_id: str
    queue: str
    token: Secret


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a scale set's queue. `runs`: ("owner/name", run) of its events; `offered`: jobs that have to be
    acquired before they are ours; `assigned`: jobs that the set has in all; `whole`: all of it could be read."""

    message_id: int
    runs: tuple[tuple[str, str], ...] = ()
    offered: tuple[int, ...] = ()
    assigned: int = 0
    whole: bool = True


class ScaleSets(Protocol):
    """Scale sets of one organisation or repository: jobs of one label, which their forge gives to runners of the set
    alone and announces by a queue. Gone is raised where a set or a session does not exist."""

    access: Access | None  # as it is now; a call may have renewed it

    def ready(self) -> bool:
        """Make sure of an access that is valid for a while; True if it is a new one."""

    def make(self, name: str, label: str) -> str:
        """Make it, or find one of that name; returns its number. Raises Refused where its label would be another."""

    def remove(self, set_id: str) -> None:
        """One that is gone is no error."""

    def open(self, set_id: str, owner: str) -> Session:
        """Open a session. Raises SessionTaken while another listener has one."""

    def renew(self, set_id: str, session: Session) -> Session:
        """The same session with a new token."""

    def close(self, set_id: str, session: Session) -> None:
        """Close the session; one that is gone is no error."""

    def next_message(self, session: Session, last: int, capacity: int) -> Message | None:
        """The first message after `last`, once there is one; None where none came for a minute. `capacity`: jobs that
        the set may have in all. Raises Ended."""

    def done(self, session: Session, message_id: int) -> None:
        """Acknowledge a message. Raises SessionEnded."""

    def offers(self, set_id: str) -> Message:
        """All jobs that could be acquired now, announced before or not; it has no number."""

    def acquire(self, set_id: str, session: Session, offered: Sequence[int]) -> None:
        """Raises Ended."""

    def jobs(self, repository: str, run_id: str) -> list[JobSeen]:
        """All jobs of a run's newest attempt. Raises Gone."""


@runtime_checkable
class HasScaleSets(Protocol):
    """A client of a forge that has scale sets."""

    def scale_sets(self) -> ScaleSets:
        """Those of the organization or repository that it is for."""
