"""What a client of scale sets does: jobs that their forge tells of by a queue. Errors: errors.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from tfci.core.secret import Secret
from tfci.forges.facts import JobSeen


@dataclass(frozen=True, slots=True)
class Access:
    """To what keeps a forge's scale sets. `ends`: in seconds, as the clock counts."""

    url: str
    token: Secret
    ends: float


@dataclass(frozen=True, slots=True)
class Session:
    """One listener's to one scale set. `queue`: the address where its messages lie."""

    session_id: str
    queue: str
    token: Secret


@dataclass(frozen=True, slots=True)
class Message:
    """What a scale set was told at once. `runs`: ("owner/name", run) of which something was told; `offered`: what has
    to be acquired before it is ours; `assigned`: jobs that the set has in all; `whole`: all of it could be read."""

    message_id: int
    runs: tuple[tuple[str, str], ...] = ()
    offered: tuple[int, ...] = ()
    assigned: int = 0
    whole: bool = True


class ScaleSets(Protocol):
    """Scale sets of one organisation or repository: jobs of one label, which their forge gives to runners of the set
    alone and tells of by a queue. Gone is raised where a set or a session is not there."""

    access: Access | None  # as it is now; a call may have renewed it

    def ready(self) -> bool:
        """Have an access that lasts for a while; True where that took a new one."""

    def make(self, name: str, label: str) -> str:
        """Make it, or find one of that name; returns its number. Raises Refused where its label would be another."""

    def remove(self, set_id: str) -> None:
        """One that is gone is no error."""

    def open(self, set_id: str, owner: str) -> Session:
        """Begin to listen. Raises Taken while somebody else does."""

    def renew(self, set_id: str, session: Session) -> Session:
        """The same session with a new token."""

    def close(self, set_id: str, session: Session) -> None:
        """Listen no more; one that is gone is no error."""

    def hear(self, session: Session, last: int, capacity: int) -> Message | None:
        """The first message after `last`, once there is one; None where none came for a minute. `capacity`: jobs that
        the set may have in all. Raises Ended."""

    def done(self, session: Session, message_id: int) -> None:
        """A message that is taken in need not come again. Raises Ended."""

    def offers(self, set_id: str) -> Message:
        """All that could be acquired now, told before or not; it has no number."""

    def acquire(self, set_id: str, session: Session, offered: Sequence[int]) -> None:
        """Raises Ended."""

    def jobs(self, repository: str, run_id: str) -> list[JobSeen]:
        """All jobs of a run's newest attempt. Raises Gone."""


@runtime_checkable
class HasScaleSets(Protocol):
    """A client of a forge that has scale sets."""

    def scale_sets(self) -> ScaleSets:
        """Those of the organization or repository that it is for."""
