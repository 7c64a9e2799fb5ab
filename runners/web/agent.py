"""The machines' door (ASGI): claim, order, started, beat, done. See docs/design/agent-protocol.md.

An agent's long poll holds no database connection while it waits; one LISTEN connection a process wakes it.
"""

import asyncio
import ipaddress
import json
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from runners.live.pg_listener import Listener, rows
from runners.models import VM, Runner, Stint
from runners.queue import nudges
from runners.vms import agent_reports, agent_schemas, metrics, reuse, runs
from runners.vms.agent_schemas import LARGEST, Beat, Claim, Done, Started
from tfci.forges import registry

HOLD = 25  # seconds that a call for an order is held
GRACE = 30  # seconds that a job gets to end by itself
FOREVER = 100 * 365 * 86_400  # seconds

BEARER = re.compile(r"Bearer ([0-9]{1,19})\.(.{1,200})", re.DOTALL)

waiting = Listener(agent_reports.CHANNEL)


class TooLarge(Exception):
    """More than an agent ever says."""


def speaks(body: type[msgspec.Struct] | None):
    """A call of a machine that is known: view(vm, said). 401 for a stranger, 410 for one that is to end."""

    def decorate(view: Callable[..., Awaitable[HttpResponse]]):
        @csrf_exempt
        @login_not_required
        @wraps(view)
        async def wrapped(request: HttpRequest) -> HttpResponse:
            try:
                vm = await rows(agent_reports.known, *_bearer(request))
                said = _read(request, body) if body else None
                return await view(vm, said)
            except agent_reports.Stranger:
                return _say(401, "This machine is not known here.")
            except agent_reports.NotWanted:
                return _say(410, "This machine is no longer wanted.")
            except TooLarge:
                return _say(413, f"A call has at most {LARGEST} bytes.")
            except agent_schemas.Unreadable as error:
                return _say(400, str(error))

        return wrapped

    return decorate


@csrf_exempt
@login_not_required
async def claim(request: HttpRequest) -> HttpResponse:
    try:
        said = _read(request, Claim)
        await rows(agent_reports.claim, said, _address(request), timezone.now())
        await rows(nudges.step, said.vm)
        return JsonResponse({})
    except agent_reports.Stranger:
        return _say(403, "This token does not open a machine.")
    except agent_reports.NotWanted:
        return _say(410, "This machine is no longer wanted.")
    except TooLarge:
        return _say(413, f"A call has at most {LARGEST} bytes.")
    except agent_schemas.Unreadable as error:
        return _say(400, str(error))


@speaks(None)
async def order(vm: VM, said: None) -> HttpResponse:
    """Held until there is an order, the machine is to reboot or to end, or HOLD has passed."""
    try:
        async with asyncio.timeout(HOLD):
            return JsonResponse(await _next_order(vm))
    except TimeoutError:
        return HttpResponse(status=204)


async def _next_order(vm: VM) -> dict:
    """Looks whenever it is woken; a wake may have been for nothing."""
    with waiting.on(str(vm.pk)) as woken:
        while (found := await rows(_order, vm.pk)) is None:
            await woken.wait()
            woken.clear()
        return found


def _order(vm_id: int) -> dict | None:
    if runner := agent_reports.order(vm_id, timezone.now()):
        return _as_order(runner)
    if stint := runs.ready(vm_id):
        return _to_serve(stint)
    return {"refresh": True} if reuse.awaited(vm_id) else None


@speaks(Started)
async def started(vm: VM, said: Started) -> HttpResponse:
    await rows(agent_reports.started, vm, said.order, timezone.now() - timedelta(seconds=said.ago_s))
    return JsonResponse({})


@speaks(Beat)
async def beat(vm: VM, said: Beat) -> HttpResponse:
    now = timezone.now()
    wishes = await rows(agent_reports.beat, vm, msgspec.to_builtins(said), now)
    return JsonResponse({**wishes, "interval": agent_reports.INTERVAL, "every": metrics.every(vm, now)})


@speaks(Done)
async def done(vm: VM, said: Done) -> HttpResponse:
    await rows(agent_reports.done, vm, msgspec.to_builtins(said), timezone.now())
    await rows(nudges.step, vm.pk)
    return JsonResponse({})


def _as_order(runner: Runner) -> dict:
    """What the agent is to start; the credential leaves us here, once, to the machine that it is for."""
    made = registry.order(runner.org, runner.credential, runner.labels, runner.vm.pool.container_image)
    return {
        "id": runner.pk,
        "engine": made.engine,
        "files": {name: content.reveal() for name, content in made.files.items()},
        "environment": {name: value.reveal() for name, value in made.environment.items()},
        "arguments": list(made.arguments),
        "authority": made.authority,
        "labels": runner.labels,
        "time_limit_s": 60 * runner.vm.pool.job_minutes,
        "grace_s": GRACE,
    }


def _to_serve(stint: Stint) -> dict:
    """The program of a server, with no end but ours; its secrets leave us here, to the machine that they are for."""
    return runs.order(stint) | {"id": stint.pk, "labels": [], "time_limit_s": FOREVER, "grace_s": GRACE}


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404 as JSON: an error page needs what this process does not load."""
    return _say(404, "Agents have no such call.")


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400 as JSON."""
    return _say(400, "This is not a call of an agent.")


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500 as JSON."""
    return _say(500, "Farmhand failed here. Try again.")


def _bearer(request: HttpRequest) -> tuple[int, str]:
    found = BEARER.fullmatch(request.headers.get("Authorization", ""))
    if not found or int(found[1]) >= 2**63:
        raise agent_reports.Stranger
    return int(found[1]), found[2]


def _address(request: HttpRequest) -> str | None:
    """Where the call comes from, as the front says it."""
    try:
        return str(
            ipaddress.ip_address(request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip())
        )
    except ValueError:
        return None


def _read(request: HttpRequest, shape: type[msgspec.Struct]):
    try:
        body = request.body
    except RequestDataTooBig:
        raise TooLarge from None
    except UnreadablePostError as error:
        raise agent_schemas.Unreadable(str(error)) from None
    if len(body) > LARGEST:
        raise TooLarge
    return agent_schemas.read(body, shape)


def _say(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(json.dumps({"message": sentence}), status=status, content_type="application/json")
