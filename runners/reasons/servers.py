"""Why a server has no VM."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from runners.reasons.vms import minutes_text
from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import ngettext, translated


class ServerCode(StrEnum):
    APP_WITHDRAWN = "app_withdrawn"
    APP_NEEDS = "app_needs"
    GRID_READ_ONLY = "grid_read_only"
    VMS_UNREACHABLE = "vms_unreachable"
    NO_APP_IMAGE = "no_app_image"
    NO_APP_PROGRAM = "no_app_program"
    NEVER_SERVED = "never_served"


@dataclass(frozen=True, slots=True)
class ServerReason(Reason):
    """Whole sentences."""

    known: ClassVar[dict[str, type[Reason]]] = {}
    owner: ClassVar[Owner] = Owner.OPERATOR
    severity: ClassVar[Severity] = Severity.ERROR


class AppWithdrawn(ServerReason):
    code = ServerCode.APP_WITHDRAWN
    sentence = translated("Its app is no longer in the catalog.")
    advice = translated("Delete the server, or ask the operator for the app.")


@dataclass(frozen=True, slots=True)
class Obstacle(ServerReason):
    """Why an app can't be deployed on this grid."""


@dataclass(frozen=True, slots=True)
class AppNeeds(Obstacle):
    """`needs`: the catalogue's own words, why no VM can have the app."""

    code = ServerCode.APP_NEEDS
    sentence = "{needs}"
    needs: str


class GridReadOnly(Obstacle):
    code = ServerCode.GRID_READ_ONLY
    sentence = translated(
        "Farmhand can only list the nodes of this grid until the operator sets an image (FARMHAND_FLIST)."
    )


class VmsUnreachable(Obstacle):
    code = ServerCode.VMS_UNREACHABLE
    sentence = translated("VMs of this grid can't be reached, not even from their own host.")


@dataclass(frozen=True, slots=True)
class NoAppImage(Obstacle):
    code = ServerCode.NO_APP_IMAGE
    sentence = translated("No VM image with {app} has been published for this grid.")
    app: str


@dataclass(frozen=True, slots=True)
class NoAppProgram(Obstacle):
    code = ServerCode.NO_APP_PROGRAM
    sentence = translated(
        "VMs of this grid are programs on one host, which has no “{program}”. The operator can add it to the "
        "folder of engines (FARMHAND_ENGINES)."
    )
    program: str


@dataclass(frozen=True, slots=True)
class NeverServed(ServerReason):
    """`vms`: how many in a row; `minutes`: the pause before the next."""

    code = ServerCode.NEVER_SERVED
    owner = Owner.VM
    advice = translated("See the last log lines on the page of the failed VM.")
    vms: int
    minutes: int

    def __str__(self) -> str:
        text = ngettext(
            "The last VM never answered. Farmhand retries after {time}.",
            "The last {vms} VMs never answered. Farmhand retries after {time}.",
            self.vms,
        )
        return text.format(vms=self.vms, time=minutes_text(self.minutes))
