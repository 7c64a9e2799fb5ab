"""Errors of calls to a forge; str() of each is the sentence of its reason."""

from datetime import datetime
from typing import ClassVar

from tfci.core.permits import Full
from tfci.core.reasons import Reason
from tfci.forges import texts
from tfci.forges.problems import (
    ForgeLimited,
    ForgeMessage,
    ForgeRefusal,
    GoneAtForge,
    NoForgeAnswer,
    ScaleSetTaken,
)
from tfci.forges.texts import SENTENCE


class ForgeError(Exception):
    """A forge did not carry out a call."""

    reason_type: ClassVar[type[ForgeMessage]] = ForgeRefusal

    def __init__(self, reason: Reason | str = "") -> None:
        """A sentence becomes a reason of `reason_type`."""
        self.reason = reason if isinstance(reason, Reason) else type(self).reason_type(reason)
        super().__init__(texts.clean(str(self.reason), SENTENCE))


class Gone(ForgeError):
    """The requested object does not exist any more. For a removal that is success."""

    reason_type = GoneAtForge


class ForgeRefused(ForgeError):
    """Someone must fix something first: token, scope, role, version, address."""


class Limited(ForgeError):
    """Too many calls; nothing will be answered before `until`."""

    reason_type = ForgeLimited

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

    reason_type: ClassVar[type[ForgeMessage]] = NoForgeAnswer


class ForgeSilent(Unreachable):
    """Not called, because it has not answered before."""


class SessionTaken(Unreachable):
    """Somebody else holds what only one may have at a time."""

    reason_type = ScaleSetTaken


class SessionEnded(Unreachable):
    """The session's token has expired and has to be renewed."""
