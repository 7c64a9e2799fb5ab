"""The machines' door (ASGI): claim, order, started, beat, done. See docs/design/agent-protocol.md.

An agent's long poll holds no database connection while it waits; one LISTEN connection a process wakes it.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import wraps
from typing import Annotated, Any

import msgspec
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from runners import beats, loads, nudges, refreshes, stints
from runners.listening import Listener, rows
from runners.models import VM, Runner, Stint
from tfci.forges import connect

LARGEST = 64 * 1024
HOLD = 25  # seconds that a call for an order is held
GRACE = 30  # seconds that a job gets to end by itself
FOREVER = 100 * 365 * 86_400  # seconds

waiting = Listener(beats.CHANNEL)


class Claim(msgspec.Struct):
    vm: int
    token: str
    key: str
    boot_s: float = 0.0
    engines: dict[str, str] = {}
    image: Any = None
    killed: int = 0


class DebugNews(msgspec.Struct):
    id: int
    host_key: str = ""
    said: str = ""


class Beat(msgspec.Struct):
    phase: str
    samples: list[tuple[float, float, float, float, float, float, float]] = []
    load: float = 0.0
    oom_kills: int = 0
    tail: str = ""
    boot: str = ""
    answers: bool | None = None
    debug: DebugNews | None = None


class Started(msgspec.Struct):
    order: int
    ago_s: Annotated[float, msgspec.Meta(ge=0, le=86400)] = 0.0


class Done(msgspec.Struct):
    order: int
    cause: str
    said: str = ""
    exit_code: int | None = None
    tail: str = ""
    used: dict[str, float] = {}


def speaks(body: type[msgspec.Struct] | None):
    """A call of a machine that is known: view(vm, said). 401 for a stranger, 410 for one that is to end."""

    def decorate(view: Callable[..., Awaitable[HttpResponse]]):
        @csrf_exempt
        @login_not_required
        @wraps(view)
        async def wrapped(request: HttpRequest) -> HttpResponse:
            try:
                vm = await rows(beats.known, *_bearer(request))
                said = _read(request, body) if body else None
                return await view(vm, said)
            except beats.Stranger:
                return _say(401, "This machine is not known here.")
            except beats.NotWanted:
                return _say(410, "This machine is no longer wanted.")
            except msgspec.DecodeError as error:
                return _say(400, str(error))

        return wrapped

    return decorate


@csrf_exempt
@login_not_required
async def claim(request: HttpRequest) -> HttpResponse:
    try:
        said = _read(request, Claim)
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or None
        first = beats.Claim(said.vm, said.token, said.key, address, said.engines, said.image, said.killed)
        await rows(beats.claim, first, timezone.now())
        await rows(nudges.step, said.vm)
        return JsonResponse({})
    except beats.Stranger:
        return _say(403, "This token does not open a machine.")
    except beats.NotWanted:
        return _say(410, "This machine is no longer wanted.")
    except msgspec.DecodeError as error:
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
    if runner := beats.order(vm_id, timezone.now()):
        return _as_order(runner)
    if stint := stints.ready(vm_id):
        return _to_serve(stint)
    return {"refresh": True} if refreshes.awaited(vm_id) else None


@speaks(Started)
async def started(vm: VM, said: Started) -> HttpResponse:
    await rows(beats.started, vm, said.order, timezone.now() - timedelta(seconds=said.ago_s))
    return JsonResponse({})


@speaks(Beat)
async def beat(vm: VM, said: Beat) -> HttpResponse:
    now = timezone.now()
    wishes = await rows(beats.beat, vm, msgspec.to_builtins(said), now)
    return JsonResponse({**wishes, "interval": beats.INTERVAL, "every": loads.every(vm, now)})


@speaks(Done)
async def done(vm: VM, said: Done) -> HttpResponse:
    await rows(beats.done, vm, msgspec.structs.asdict(said), timezone.now())
    await rows(nudges.step, vm.pk)
    return JsonResponse({})


def _as_order(runner: Runner) -> dict:
    """What the agent is to start; the credential leaves us here, once, to the machine that it is for."""
    made = connect.order(runner.org, runner.credential, runner.labels, runner.vm.pool.container_image)
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
    return stints.order(stint) | {"id": stint.pk, "labels": [], "time_limit_s": FOREVER, "grace_s": GRACE}


def _bearer(request: HttpRequest) -> tuple[int, str]:
    scheme, _, words = request.headers.get("Authorization", "").partition(" ")
    vm, _, key = words.partition(".")
    if scheme != "Bearer" or not vm.isdigit():
        raise beats.Stranger
    return int(vm), key


def _read(request: HttpRequest, shape: type[msgspec.Struct]):
    if len(request.body) > LARGEST:
        raise msgspec.DecodeError(f"at most {LARGEST} bytes")
    return msgspec.json.decode(request.body, type=shape)


def _say(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(json.dumps({"message": sentence}), status=status, content_type="application/json")
