"""The VMs' door (ASGI): claim, order, started, beat, done. See docs/design/agent-protocol.md.

An agent's long poll holds no database connection while it waits; one LISTEN connection a process wakes it.
"""

import asyncio
import ipaddress
import json
import re
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from runners.agents import reports, schemas
from runners.agents.schemas import MAX_BODY, Claim, Done, Heartbeat, Started
from runners.live.pg_listener import Listener, rows
from runners.models import VM
from runners.queue import nudges
from runners.queue.wakes import CHANNEL
from runners.vms import metrics

HOLD = 25  # seconds that a call for an order is held

BEARER = re.compile(r"Bearer ([0-9]{1,19})\.(.{1,200})", re.DOTALL)

Said = TypeVar("Said", bound=msgspec.Struct)
AgentView = Callable[..., Awaitable[HttpResponse]]
AgentDoor = Callable[[HttpRequest], Coroutine[Any, Any, HttpResponse]]
waiting = Listener(CHANNEL)


class ReportTooLarge(Exception):
    """More than an agent ever says."""


def speaks(
    body: type[msgspec.Struct] | None,
) -> Callable[[AgentView], AgentDoor]:
    """A call of a VM that is known: view(vm, said). 401 for a stranger, 410 for one that is to end."""

    def decorate(
        view: AgentView,
    ) -> AgentDoor:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        async def wrapped(request: HttpRequest) -> HttpResponse:
            try:
                vm = await rows(reports.authenticate, *_bearer(request))
                call = _read(request, body) if body else None
                return await view(vm, call)
            except reports.UnknownAgent:
                return _say(401, "Unknown VM.")
            except reports.VmEnding:
                return _say(410, "This VM is no longer wanted.")
            except ReportTooLarge:
                return _say(413, f"A call has at most {MAX_BODY} bytes.")
            except schemas.UnreadableReport as error:
                return _say(400, str(error))

        return wrapped

    return decorate


@csrf_exempt
@login_not_required
async def claim(request: HttpRequest) -> HttpResponse:
    try:
        call = _read(request, Claim)
        await rows(reports.claim, call, _address(request), timezone.now())
        await rows(nudges.step, call.vm)
        return JsonResponse({})
    except reports.UnknownAgent:
        return _say(403, "This token is not valid for a VM.")
    except reports.VmEnding:
        return _say(410, "This VM is no longer wanted.")
    except ReportTooLarge:
        return _say(413, f"A call has at most {MAX_BODY} bytes.")
    except schemas.UnreadableReport as error:
        return _say(400, str(error))


@speaks(None)
async def order(vm: VM, call: None) -> HttpResponse:
    """Held until there is an order, the VM is to reboot or to end, or HOLD has passed."""
    try:
        async with asyncio.timeout(HOLD):
            return JsonResponse(await _next_order(vm))
    except TimeoutError:
        return HttpResponse(status=204)


async def _next_order(vm: VM) -> dict[str, Any]:
    """Looks whenever it is woken; a wake may have been for nothing."""
    with waiting.on(str(vm.pk)) as woken:
        while (found := await rows(reports.order, vm, timezone.now())) is None:
            await woken.wait()
            woken.clear()
        return found


@speaks(Started)
async def started(vm: VM, call: Started) -> HttpResponse:
    await rows(reports.started, vm, call.order, timezone.now() - timedelta(seconds=call.ago_s))
    return JsonResponse({})


@speaks(Heartbeat)
async def heartbeat(vm: VM, call: Heartbeat) -> HttpResponse:
    now = timezone.now()
    answer = await rows(reports.heartbeat, vm, msgspec.to_builtins(call), now)
    return JsonResponse({**answer, "interval": reports.INTERVAL, "every": metrics.sampling_interval(vm, now)})


@speaks(Done)
async def done(vm: VM, call: Done) -> HttpResponse:
    await rows(reports.done, vm, msgspec.to_builtins(call), timezone.now())
    await rows(nudges.step, vm.pk)
    return JsonResponse({})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 as JSON: an error page needs what this process does not load."""
    return _say(404, "Unknown agent call.")


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400 as JSON."""
    return _say(400, "This is not an agent call.")


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500 as JSON."""
    return _say(500, "Internal error. Try again.")


def _bearer(request: HttpRequest) -> tuple[int, str]:
    found = BEARER.fullmatch(request.headers.get("Authorization", ""))
    if not found or int(found[1]) >= 2**63:
        raise reports.UnknownAgent
    return int(found[1]), found[2]


def _address(request: HttpRequest) -> str | None:
    """Where the call comes from, as the front says it."""
    try:
        return str(
            ipaddress.ip_address(request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip())
        )
    except ValueError:
        return None


def _read(request: HttpRequest, shape: type[Said]) -> Said:
    try:
        body = request.body
    except RequestDataTooBig:
        raise ReportTooLarge from None
    except UnreadablePostError as error:
        raise schemas.UnreadableReport(str(error)) from None
    if len(body) > MAX_BODY:
        raise ReportTooLarge
    return schemas.read(body, shape)


def _say(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(json.dumps({"message": sentence}), status=status, content_type="application/json")
