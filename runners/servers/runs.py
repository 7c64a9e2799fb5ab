"""Runs of a server's program: what the agent of its VM is to carry out, and what it reports of it."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from runners.models import VM, Run
from runners.servers import catalogue
from runners.servers.catalogue import apps
from tfci.core.optional import present
from tfci.forges import addresses
from tfci.grid import registry

HOUR = timedelta(hours=1)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
GRACE = 30  # seconds that a program gets to end
FOREVER = 100 * 365 * 86_400  # seconds


def current(vm: VM) -> Run | None:
    """Return the newest run; None before the first."""
    return vm.runs.order_by("-pk").first()


def begin(vm: VM, now: datetime) -> Run:
    """Have the program run, for the first time or again."""
    return Run.objects.create(vm=vm, created_at=now)


def ready(vm_id: int) -> Run | None:
    """Return the run that the agent is to start; the same one until it has."""
    waiting = Run.objects.filter(vm=vm_id, started_at=None, ended_at=None)
    run = waiting.select_related("vm__server").order_by("-pk").first()
    return run if run and catalogue.find(present(run.vm.server).app) else None


def order(vm: VM, now: datetime) -> dict[str, Any] | None:
    """Return the agent's next order (docs/design/agent-protocol.md), which only we end; None while there is none."""
    run = ready(vm.pk)
    return _as_order(run) if run else None


def started(vm: VM, run_id: int, at: datetime) -> None:
    """Note that the program was exec'd."""
    vm.runs.filter(pk=run_id, started_at=None).update(started_at=at)


def record_answer(vm: VM, now: datetime) -> bool:
    """Record that the program answers. True for the first answer of a run."""
    run = vm.runs.filter(ended_at=None).exclude(started_at=None)
    if run.filter(last_answer_at=None).update(last_answer_at=now):
        return True
    run.update(last_answer_at=now)
    return False


def ended(vm: VM, report: dict[str, Any], now: datetime) -> bool:
    """Note that the program ended. A second report changes nothing: False."""
    facts = {
        "ended_at": now,
        "end_cause": report["cause"],
        "end_message": report["said"],
        "exit_code": report["exit_code"],
    }
    return bool(vm.runs.filter(pk=report["order"], ended_at=None).update(**facts))


def abandoned(vm: VM, cause: str, message: str, now: datetime) -> bool:
    """Note that the agent is gone, so nobody watches the program any more. False if none ran."""
    facts = {"ended_at": now, "end_cause": cause, "end_message": message}
    return bool(vm.runs.filter(ended_at=None).update(**facts))


def address(vm: VM) -> str:
    """Return the address of the VM's app; "" while it has none."""
    app = catalogue.find(present(vm.server).app)
    return apps.address(app, vm.addresses, vm.pk, shared=registry.on_this_host()) if app else ""


def pause(vm: VM, now: datetime) -> timedelta:
    """How long to wait before the program is started again: longer, the more often it ended within an hour."""
    ended = vm.runs.filter(ended_at__gt=now - HOUR).count()
    return min(FIRST_PAUSE * 2 ** min(max(ended - 1, 0), 10), LONGEST_PAUSE)


def variables(vm: VM) -> dict[str, str]:
    """Values of all placeholders that texts of its app may contain, its secrets too."""
    server, shared = present(vm.server), registry.on_this_host()
    app = present(catalogue.find(server.app))
    ports = apps.ports(app, vm.pk, shared=shared)
    return server.settings | {
        "address": apps.address(app, vm.addresses, vm.pk, shared=shared),
        "host": apps.host(vm.addresses),
        "bind": "127.0.0.1" if shared else "::",
        "manager": urlsplit(settings.URL).hostname or "",
        "name": server.name,
        **{f"port_{name}": str(port) for name, port in ports.items()},
    }


def forge_fields(vm: VM) -> dict[str, str]:
    """What to fill into the form that connects the forge that runs on it: forge, url and, of some, runner_url; nothing
    where it runs none or has no address yet."""
    app = catalogue.find(present(vm.server).app)
    if app is None or not app.links_as or not (words := variables(vm))["address"]:
        return {}
    fields = {"forge": app.links_as, "url": addresses.address(words["address"])}
    if "port_grpc" in words:
        fields["runner_url"] = f"grpc://{words['host']}:{words['port_grpc']}"
    return fields


def _as_order(run: Run) -> dict[str, Any]:
    """As the agent takes it, secrets revealed: for that VM alone."""
    app, values = present(catalogue.find(present(run.vm.server).app)), variables(run.vm)
    ports = apps.ports(app, run.vm_id, shared=registry.on_this_host())
    return {
        "id": run.pk,
        "engine": app.title,
        "files": {},
        "environment": {name: apps.fill(text, values) for name, text in app.environment.items()},
        "arguments": [apps.fill(argument, values) for argument in app.arguments],
        "labels": [],
        "time_limit_s": FOREVER,
        "grace_s": GRACE,
        "app": {
            "program": app.program,
            "port": next(iter(ports.values())),
            "health": app.health,
            "files": {name: apps.fill(text, values) for name, text in app.files.items()},
            "first": [[apps.fill(argument, values) for argument in line] for line in app.first],
            "secrets": [values[name] for name in apps.secret_placeholders(app)],
        },
    }
