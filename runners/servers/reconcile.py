"""Deploy an app as a server, end it, and keep one VM of it up; servers/lifecycle.py carries that out."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from shutil import which
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from billing import ledger, pricing, wallets
from runners.metering import charges
from runners.models import VM, Event, Protection, Server
from runners.queue.effects import Effects
from runners.reasons.retirements import ServerDeleted
from runners.reasons.servers import AppWithdrawn, NeverServed, Obstacle, ServerReason
from runners.servers import catalogue, placement, runs
from runners.servers.catalogue import apps
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.core import reasons
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.grid import registry

LEAVING = (VM.State.REMOVING, VM.State.GONE)


class ServerNameTaken(Exception):
    """The team has a server of that name."""


class NotDeployable(Exception):
    """The app can't be deployed on this grid; str() is the reason's sentence."""

    def __init__(self, reason: Obstacle) -> None:
        super().__init__(str(reason))
        self.reason = reason


def obstacle(app: apps.App) -> Obstacle | None:
    """Why it can't be deployed on this installation's grid; None where it can."""
    has_program = _is_installed(app.program) if registry.on_this_host() else None
    return apps.obstacle(
        app, apps.GridTraits(registry.network(), registry.deploys(), registry.reachable(), has_program)
    )


def _is_installed(program: str) -> bool:
    """Whether this computer has it, where VMs that are programs on it look for it."""
    return bool(program and (which(program, path=settings.ENGINES or os.devnull) or which(program)))


def create(
    server: Server, app: apps.App, answers: Mapping[str, str], who: audit.Actor, now: datetime
) -> Server:
    """Save a new server, with secrets generated for it. Raises ServerNameTaken, or NotDeployable."""
    if reason := obstacle(app):
        raise NotDeployable(reason)
    generated = {name: secrets.token_hex(16) for name in app.secrets}
    server.words, server.created_at = Secret(json.dumps({**answers, **generated})), now
    try:
        with transaction.atomic():
            server.save()
            audit.record(server.team, who, Action.SERVER_CREATED, server, after=_audit_values(server), at=now)
    except IntegrityError as error:
        if "one_server_of_a_name" in str(error):
            raise ServerNameTaken from None
        raise
    return server


@transaction.atomic
def end(server: Server, who: audit.Actor, now: datetime) -> bool:
    """Delete it, with its VM and all that is on it. False when it is being deleted already."""
    if not Server.objects.filter(pk=server.pk, closing_at=None).update(closing_at=now):
        return False
    audit.record(server.team, who, Action.SERVER_DELETED, server, before=_audit_values(server), at=now)
    return True


@transaction.atomic
def reveal(server: Server, who: audit.Actor, now: datetime) -> dict[str, str]:
    """The secrets that were generated for it, by name. The audit log records that somebody saw them."""
    audit.record(server.team, who, Action.SERVER_SECRETS_READ, server, at=now)
    app = catalogue.find(server.app)
    return {name: server.settings[name] for name in (app.secrets if app else ()) if name in server.settings}


def _audit_values(server: Server) -> dict[str, Any]:
    """As the audit log keeps it: without its settings, for some are secret."""
    return {"app": server.app, "size": server.size, "nodes": server.nodes}


def keep_up(server_id: int, now: datetime) -> Effects:
    """Request a VM where it has none, retire the one that must go, and place those that its team's servers need."""
    effects, wallet_id = _decide(server_id, now)
    if wallet_id is not None:
        effects.placed |= placement.place(wallet_id, now)
    return effects


@transaction.atomic
def _decide(server_id: int, now: datetime) -> tuple[Effects, int | None]:
    """One at a time, whoever asks. Returns its team's wallet too, None where the server is gone."""
    row = Server.objects.select_for_update(of=("self",)).select_related("team")
    server = row.filter(pk=server_id, closed_at=None).first()
    if server is None:
        return Effects(), None
    effects, wallet_id = Effects(), wallets.for_team(server.team).pk
    alive = list(server.vms.alive())
    staying = [vm for vm in alive if not vm.retire_reason and vm.state != VM.State.REMOVING]
    if server.closing_at:
        effects.vms |= _retire(staying, now)
    elif not staying:
        _request_vm(server, wallet_id, now)
    if server.closing_at and not alive:
        Server.objects.filter(pk=server.pk).update(closed_at=now)
    return effects, wallet_id


def _retire(vms: list[VM], now: datetime) -> set[int]:
    ids = {vm.pk for vm in vms}
    VM.objects.filter(pk__in=ids).exclude(state__in=LEAVING).retire(ServerDeleted(), now)
    return ids


def _request_vm(server: Server, wallet_id: int, now: datetime) -> None:
    """Request one more VM, unless earlier ones make it wait."""
    reason = _wait_reason(server, now)
    if reason != server.typed_reason:
        Server.objects.filter(pk=server.pk).update(**reasons.columns(reason))
    if reason is None:
        owner = {"team_id": server.team_id, "server": server, "wallet_id": wallet_id}
        VM.wanted(server, now, protection=Protection.NONE, **owner).save()


def _wait_reason(server: Server, now: datetime) -> ServerReason | None:
    """Why no VM is requested now; None where one is."""
    app = catalogue.find(server.app)
    if app is None:
        return AppWithdrawn()
    if reason := obstacle(app):
        return reason
    served = (
        Event.objects.filter(vm__server=server, now=VM.State.SERVING)
        .order_by("-pk")
        .values_list("vm", flat=True)
    )
    failed = server.vms.filter(pk__gt=served.first() or 0, state__in=LEAVING, retire_reason="").order_by(
        "-pk"
    )
    count, newest = failed.count(), failed.first()
    if newest is None or now >= newest.state_changed_at + apps.pause(count):
        return None
    return NeverServed(count, round(apps.pause(count).total_seconds() / 60))


def address(vm: VM | None) -> str:
    """Where its app answers now; "" where it does not."""
    return runs.address(vm) if vm and vm.state == VM.State.SERVING else ""


@dataclass(frozen=True, slots=True)
class ServerCost:
    """Of its VM an hour and a month, None where it has none; and of all its VMs so far."""

    per_hour: Tft | None
    per_month: Tft | None
    so_far: Tft


def cost(server: Server, vm: VM | None, now: datetime) -> ServerCost:
    """What the ledger has, and what its present VM has run up since."""
    spent = ledger.spent_each("vm_id", list(server.vms.values_list("pk", flat=True)))
    if vm is None or vm.state == VM.State.GONE or vm.quote is None:
        return ServerCost(None, None, Tft(sum(spent.values())))
    run_up = {**spent, vm.pk: Tft(sum(charges.costs(vm, now).values()))}
    per_hour = vm.quote.per_hour
    return ServerCost(per_hour, Tft(per_hour * pricing.MONTH), Tft(sum(run_up.values())))


def due() -> list[int]:
    """All that are not gone."""
    return list(Server.objects.filter(closed_at=None).values_list("pk", flat=True))


def current_vm(server: Server) -> VM | None:
    """Its newest VM."""
    return server.vms.select_related("node__farm", "quote", "server").order_by("-pk").first()
