"""What goes wrong when a forge is called; str() of each is the sentence of its reason."""

from datetime import datetime
from typing import ClassVar

from tfci.core.permits import Full
from tfci.core.reasons import Reason
from tfci.forges import texts
from tfci.forges.problems import (
    ForgeLimited,
    ForgeRefusal,
    GoneAtForge,
    NoForgeAnswer,
    SaidByForge,
    ScaleSetTaken,
)
from tfci.forges.texts import SENTENCE


class ForgeError(Exception):
    """A forge did not do what was asked."""

    said: ClassVar[type[SaidByForge]] = ForgeRefusal

    def __init__(self, reason: Reason | str = "") -> None:
        """Of a sentence the reason is `said`."""
        self.reason = reason if isinstance(reason, Reason) else type(self).said(reason)
        super().__init__(texts.clean(str(self.reason), SENTENCE))


class Gone(ForgeError):
    """What was asked for is not there any more. For a removal that is success."""

    said = GoneAtForge


class ForgeRefused(ForgeError):
    """Someone must mend something first: token, scope, role, version, address."""


class Limited(ForgeError):
    """Too many calls; nothing will be answered before `until`."""

    said = ForgeLimited

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

    said: ClassVar[type[SaidByForge]] = NoForgeAnswer


class ForgeSilent(Unreachable):
    """Not called, because it has not answered before."""


class SessionTaken(Unreachable):
    """Somebody else holds what only one may have at a time."""

    said = ScaleSetTaken


class SessionEnded(Unreachable):
    """What a session was spoken with has ended, and has to be renewed."""
