"""Runs of servers' programs: what a machine's agent is to carry out, and what it said of it."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from runners import catalogue
from runners.catalogue import apps
from runners.models import VM, Stint
from tfci.grid import registry

HOUR = timedelta(hours=1)
AGAIN, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)


def current(vm: VM) -> Stint | None:
    """The newest; None before the first."""
    return vm.stints.order_by("-pk").first()


def begin(vm: VM, now: datetime) -> Stint:
    """Its program is to run, for the first time or again."""
    return Stint.objects.create(vm=vm, begun_at=now)


def ready(vm_id: int) -> Stint | None:
    """The one that its agent is to start; the same until it has."""
    waiting = Stint.objects.filter(vm=vm_id, started_at=None, done_at=None)
    stint = waiting.select_related("vm__server").order_by("-pk").first()
    return stint if stint and catalogue.one(stint.vm.server.app) else None


def started(vm: VM, stint_id: int, at: datetime) -> None:
    vm.stints.filter(pk=stint_id, started_at=None).update(started_at=at)


def answered(vm: VM, now: datetime) -> bool:
    """Its program answers. True for the first answer of a run."""
    run = vm.stints.filter(done_at=None).exclude(started_at=None)
    if run.filter(answered_at=None).update(answered_at=now):
        return True
    run.update(answered_at=now)
    return False


def done(vm: VM, said: dict[str, Any], now: datetime) -> bool:
    """Its program ended. Said again it changes nothing."""
    facts = {
        "done_at": now,
        "done_cause": said["cause"],
        "done_said": said["said"],
        "exit_code": said["exit_code"],
    }
    return bool(vm.stints.filter(pk=said["order"], done_at=None).update(**facts))


def mourn(vm: VM, cause: str, said: str, now: datetime) -> bool:
    """Its agent is gone, and nobody watches its program any more. False if none ran."""
    return bool(vm.stints.filter(done_at=None).update(done_at=now, done_cause=cause, done_said=said))


def answers_from(vm: VM) -> str:
    """The address of its app; "" while it has none."""
    app = catalogue.one(vm.server.app)
    return apps.address(app, vm.addresses, vm.pk, shared=registry.on_this_host()) if app else ""


def rest(vm: VM, now: datetime) -> timedelta:
    """How long its program rests before it is started again: the longer, the more often it has ended in this hour."""
    ended = vm.stints.filter(done_at__gt=now - HOUR).count()
    return min(AGAIN * 2 ** min(max(ended - 1, 0), 10), LONGEST_REST)


def words(vm: VM) -> dict[str, str]:
    """All that texts of its app may have in braces, its secrets too."""
    app, shared = catalogue.one(vm.server.app), registry.on_this_host()
    ports = apps.ports(app, vm.pk, shared=shared)
    return vm.server.said | {
        "address": apps.address(app, vm.addresses, vm.pk, shared=shared),
        "host": apps.host(vm.addresses),
        "bind": "127.0.0.1" if shared else "::",
        "manager": urlsplit(settings.URL).hostname or "",
        "name": vm.server.name,
        **{f"port_{name}": str(port) for name, port in ports.items()},
    }


def order(stint: Stint) -> dict[str, Any]:
    """As the agent takes it (docs/design/agent-protocol.md), secrets revealed: for that machine alone."""
    app, known = catalogue.one(stint.vm.server.app), words(stint.vm)
    ports = apps.ports(app, stint.vm_id, shared=registry.on_this_host())
    return {
        "engine": app.title,
        "files": {},
        "environment": {name: apps.fill(text, known) for name, text in app.environment.items()},
        "arguments": [apps.fill(word, known) for word in app.arguments],
        "app": {
            "program": app.program,
            "port": next(iter(ports.values())),
            "health": app.health,
            "files": {name: apps.fill(text, known) for name, text in app.files.items()},
            "first": [[apps.fill(word, known) for word in line] for line in app.first],
            "secrets": [known[name] for name in apps.secret_words(app)],
        },
    }
