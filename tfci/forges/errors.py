"""What goes wrong when a forge is called; str() of each is a sentence for a person."""

from datetime import datetime

from tfci.core.permits import Full
from tfci.core.reasons import Reason
from tfci.forges import texts
from tfci.forges.problems import ForgeRefusal
from tfci.forges.texts import SENTENCE


class ForgeError(Exception):
    """A forge did not do what was asked; str() is a sentence for a person."""

    def __init__(self, said: Reason | str = "") -> None:
        """`said`: a reason with a code where it is one that somebody has to solve, else a sentence."""
        super().__init__(texts.clean(str(said), SENTENCE))
        self._reason = said if isinstance(said, Reason) else None

    @property
    def reason(self) -> Reason:
        return self._reason or ForgeRefusal(str(self))


class Gone(ForgeError):
    """What was asked for is not there any more. For a removal that is success."""


class ForgeRefused(ForgeError):
    """Someone must mend something first: token, scope, role, version, address."""


class Limited(ForgeError):
    """Too many calls; nothing will be answered before `until`."""

    def __init__(self, sentence: str, until: datetime) -> None:
        super().__init__(sentence)
        self.until = until


class Busy(Limited):
    """Not called: Farmhand itself has as many calls open as `full` allows."""

    def __init__(self, sentence: str, until: datetime, full: Full) -> None:
        super().__init__(sentence, until)
        self.full = full


class Unreachable(ForgeError):
    """No answer, or a broken one; the same call may go through later."""


class ForgeSilent(Unreachable):
    """Not called, because it has not answered before."""


class SessionTaken(Unreachable):
    """Somebody else holds what only one may have at a time."""


class SessionEnded(Unreachable):
    """What a session was spoken with has ended, and has to be renewed."""
