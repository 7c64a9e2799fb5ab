"""Debug access to a VM: its panel, opened and closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from runners.models import VM, DebugAccess
from runners.queue import nudges
from runners.reasons.refusals import RefusalReason
from runners.vms import debug_access
from runners.web.forms import DebugForm
from tfci.accounts import ssh_keys
from tfci.accounts.access import may, requires
from tfci.accounts.requests import TeamRequest
from tfci.core.optional import present
from tfci.core.reasons import Reason


@dataclass(frozen=True, slots=True)
class Panel:
    """`access`: what is open. Where nothing is: `failed`, why the last one was not, and `why_not`, why none may be.
    `may_begin`: who may not sees who is in it, and may close it."""

    may_begin: bool
    access: DebugAccess | None
    way: debug_access.SshAddress | None
    failed: Reason | None
    why_not: RefusalReason | None
    has_keys: bool
    minutes: tuple[int, ...] = debug_access.MINUTES

    @property
    def fingerprint(self) -> str:
        return ssh_keys.fingerprint(present(self.access).host_key.split()[1])

    @property
    def known_host(self) -> str:
        return present(self.way).known_host(present(self.access).host_key)


def panel(request: TeamRequest, vm: VM, now: datetime, *, has_keys: bool) -> Panel | None:
    """None for who may neither open nor close it, and for a VM that nobody can be in."""
    may_begin, may_close = may(request.role, "vms.debug"), may(request.role, "vms.retire")
    if vm.state not in debug_access.IN or not may_close:
        return None
    last = max(vm.debug.all(), key=lambda one: one.pk, default=None)
    is_open = last is not None and last.closed_at is None and last.closes_at > now
    if not (may_begin or is_open):
        return None
    return Panel(
        may_begin=may_begin,
        access=last if is_open else None,
        way=debug_access.address(vm),
        failed=None if is_open or last is None else last.typed_refusal,
        why_not=None if is_open else debug_access.refusal_reason(vm),
        has_keys=has_keys,
    )


@require_POST
@requires("vms.debug")
def begin(request: TeamRequest, pk: int) -> HttpResponse:
    """For one's own keys."""
    found, form = get_object_or_404(VM, team=request.team, pk=pk), DebugForm(request.POST)
    try:
        if form.is_valid():
            minutes = form.cleaned_data["minutes"]
            debug_access.begin(found, request.user, minutes, request.user, timezone.now())
            messages.success(request, gettext("Debug access to {vm} is being opened.").format(vm=found.name))
        else:
            messages.error(request, " ".join(map(str, form.errors.get("minutes", []))))
    except debug_access.DebugRefused as refused:
        messages.error(request, str(refused))
    return redirect("vm", request.team.slug, found.pk)


@requires("vms.retire")
def close(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask, then close it: who may end a VM may end this too."""
    found, now = get_object_or_404(VM, team=request.team, pk=pk), timezone.now()
    there = debug_access.present(found, now)
    if there and request.method != "POST":
        return render(request, "confirm.html", _confirm_context(request, found, there))
    if debug_access.close(found, request.user, now):
        nudges.step(found.pk)
        messages.success(request, gettext("Debug access to {vm} is being closed.").format(vm=found.name))
    else:
        messages.info(request, gettext("No debug access to {vm} is open.").format(vm=found.name))
    return redirect("vm", request.team.slug, found.pk)


def _confirm_context(request: TeamRequest, vm: VM, there: DebugAccess) -> dict[str, Any]:
    then = gettext("The VM is deleted.") if there.kept_at else gettext("The job keeps running.")
    return {
        "title": gettext("Close debug access to {vm}?").format(vm=vm.name),
        "text": gettext(
            "{who} is signed out within 10 seconds, and everything running in the session ends. {then}"
        ).format(who=there.who, then=then),
        "verb": gettext("Close debug access"),
        "back": reverse("vm", args=[request.team.slug, vm.pk]),
    }
