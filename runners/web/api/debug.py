"""Debug access to a VM: opened, read and closed.

A script brings no key of its own: it opens a VM for a person of the team, with the keys that this person keeps.
So a token that was stolen lets nobody in.
"""

from typing import Any

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from runners.models import VM, DebugAccess
from runners.queue import nudges
from runners.vms import debug_access
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Minutes, ReasonShown, Said, Text, Time, reason_shown
from tfci.accounts.models import User
from tfci.accounts.requests import TokenRequest

router = Router()
DEBUG, CLOSE = Bearer("vms.debug"), Bearer("vms.retire")


class Wanted(Said):
    person: Text = Field(description="Email address of an owner or admin of the team who has an SSH key.")
    minutes: Minutes = 30


class DebugShown(Schema):
    """`command` and the two fields after it are null until the VM's SSH server has started."""

    person: str
    opened_at: Time
    closes_at: Time
    closed_at: Time | None
    command: str | None = Field(description="SSH command for that person.")
    host_key: str | None
    known_host: str | None = Field(description="Line for ~/.ssh/known_hosts.")
    reason: ReasonShown | None = Field(description="Why the VM could not open debug access.")


@router.post(
    "/{int:pk}/debug", auth=DEBUG, response={202: DebugShown} | problems.responses(400, 404, 409, 413)
)
def open_debug_access(request: TokenRequest, pk: int, body: Wanted) -> Status[dict[str, Any]]:
    """The VM starts its SSH server within 10 seconds; then read it again for the command."""
    vm = _one(request, pk)
    people = User.objects.filter(memberships__team=vm.team, memberships__role__in=debug_access.ROLES)
    person = people.filter(email=body.person.lower()).first()
    if person is None:
        raise problems.invalid({"person": ["No owner or admin of this team has this email address."]})
    try:
        made = debug_access.begin(vm, person, body.minutes, request.auth, timezone.now())
    except debug_access.DebugRefused as refused:
        raise problems.Stop(409, str(refused)) from None
    return Status(202, _shown(vm, made))


@router.get("/{int:pk}/debug", auth=DEBUG, response={200: DebugShown} | problems.responses(404))
def read_debug_access(request: TokenRequest, pk: int) -> dict[str, Any]:
    """The last debug access to this VM."""
    vm = _one(request, pk)
    return _last(vm)


@router.delete("/{int:pk}/debug", auth=CLOSE, response={202: DebugShown} | problems.responses(404))
def close_debug_access(request: TokenRequest, pk: int) -> Status[dict[str, Any]]:
    """Takes effect immediately; a VM whose job is over is deleted."""
    vm = _one(request, pk)
    if debug_access.close(vm, request.auth, timezone.now()):
        nudges.step(vm.pk)
    return Status(202, _last(vm))


def _one(request: TokenRequest, pk: int) -> VM:
    return lists.one(VM.objects.filter(team=request.team).select_related("team"), "vm", pk=pk)


def _last(vm: VM) -> dict[str, Any]:
    last = vm.debug.order_by("-pk").first()
    if last is None:
        raise problems.Stop(404, f"Debug access to {vm} was never opened.")
    return _shown(vm, last)


def _shown(vm: VM, access: DebugAccess) -> dict[str, Any]:
    address = debug_access.address(vm) if access.host_key else None
    plain = {name: getattr(access, name) for name in ("opened_at", "closes_at", "closed_at")}
    return plain | {
        "person": access.who,
        "command": address.command if address else None,
        "host_key": access.host_key or None,
        "known_host": address.known_host(access.host_key) if address else None,
        "reason": reason_shown(access.typed_refusal),
    }
