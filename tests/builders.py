"""Rows for tests: each builder fills in what the test does not say."""

import itertools
import json
from datetime import UTC, datetime, timedelta

from billing import ledger, wallets
from billing.models import (
    Cashier,
    ChainTransfer,
    DepositAddress,
    Price,
    Quote,
    SpendingLimit,
    Twin,
    Wallet,
    Withdrawal,
)
from billing.quotes import Reading
from billing.withdrawal_rules.life import OPEN
from runners.models import VM, DebugAccess, Job, Pool, Run, Runner, Server
from runners.vms import metrics
from tests.append_only import empty_ledger
from tfci.accounts.models import Invitation, Membership, Role, Team, User
from tfci.core.reasons import Reason, columns
from tfci.core.secret import Secret
from tfci.core.tft import Tft
from tfci.core.vault import digest
from tfci.forges.facts import label_key
from tfci.forges.models import Connection
from tfci.forges.problems import ForgeRefusal, stored
from tfci.grid.models import Farm, Node, NodeSelection

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

number = itertools.count(1)


def a_user(email=None, **fields):
    fields.setdefault("joined_at", NOON)
    return User.objects.create_user(email or f"user{next(number)}@example.org", **fields)


def a_team(name=None, **fields):
    name = name or f"Team {next(number)}"
    fields.setdefault("slug", name.lower().replace(" ", "-"))
    return Team.objects.create(name=name, **{"created_at": NOON, **fields})


def a_membership(team=None, user=None, role=Role.MEMBER, **fields):
    fields.setdefault("joined_at", NOON)
    return Membership.objects.create(team=team or a_team(), user=user or a_user(), role=role, **fields)


def an_invitation(team=None, role=Role.VIEWER, **fields):
    """The row, and the secret part of its link. Open for long, for pages read the clock."""
    text = f"invitation-{next(number)}"
    row = {"invited_at": NOON, "expires_at": NOON.replace(year=2126), "digest": digest(text)}
    return Invitation.objects.create(team=team or a_team(), role=role, **row | fields), text


def a_connection(team=None, **fields):
    team = team or a_team()
    fields = {"forge": "gitea", "url": "https://git.example.org", "name": f"org{next(number)}"} | fields
    secret = {"token": Secret("token"), "hook_secret": Secret("s3cret")}
    return Connection.objects.create(
        team=team, **{"connected_at": NOON, "next_poll_at": NOON, **secret, **fields}
    )


def a_problem(sentence):
    """For a connection's `problems`: what a forge said that somebody has to solve."""
    return [stored(ForgeRefusal(sentence))]


def a_pool(team=None, connections=(), *, funded=True, **fields):
    team = team or a_team()
    pool = Pool.objects.create(team=team, **{"name": f"pool{next(number)}", "created_at": NOON, **fields})
    pool.connections.set(connections or [a_connection(team)])
    if funded:
        _fund(team)
    return pool


def _fund(team):
    """A balance that covers what a test does not count."""
    wallet = wallets.for_team(team)
    if not wallet.entries.filter(kind="grant").exists():
        ledger.grant(wallet, Tft.parse("100"), NOON)


def a_selection(team=None, **fields):
    row = {"name": f"search {next(number)}", "query": "region=Europe"} | fields
    return NodeSelection.objects.create(team=team or a_team(), **row)


def a_node(**fields):
    n = next(number)
    farm, _ = Farm.objects.get_or_create(
        network="simulated", farm_id=fields.pop("farm_id", 1), defaults={"name": "Farm"}
    )
    full = {
        "total_cru": 32,
        "total_mru": 131072,
        "total_sru": 2000,
        "used_cru": 0,
        "used_mru": 0,
        "used_sru": 0,
    }
    free = {"free_cru": 32, "free_mru": 131072, "free_sru": 2000}
    place = {
        "country": "Belgium",
        "region": "Europe",
        "up": True,
        "healthy": True,
        "certified": False,
        "dedicated": False,
    }
    row = {"network": "simulated", "node_id": n, "farm": farm, "seen_at": NOON} | full | free | place | fields
    return Node.objects.create(**row)


def a_twin(**fields):
    n = next(number)
    return Twin.objects.create(
        **{"network": "simulated", "twin_id": n, "mnemonic": Secret("words"), "signing_until": NOON} | fields
    )


def a_cashier(**fields):
    number_of = next(number)
    facts = {"block_number": 900, "block_hash": "0xb", "block_at": NOON, "genesis": "0xa"}
    return Cashier.objects.create(
        **{"network": "simulated", "address": f"5Cashier{number_of}", "mnemonic": Secret("words")}
        | facts
        | fields
    )


def a_deposit_address(team=None, **fields):
    """Open, of this installation's cashier."""
    cashier, n = fields.pop("cashier", None) or Cashier.objects.first() or a_cashier(), next(number)
    facts = {"index": n, "address": f"5Deposit{n}", "twin_id": 7000 + n, "last_swept_at": NOON}
    return DepositAddress.objects.create(team=team or a_team(), cashier=cashier, **facts | fields)


def a_deposit(address, tft="5", **fields):
    """Final and credited; None as the address: to the cashier itself."""
    facts = {"role": "deposit", "kind": "transfer", "source": "5Somebody"}
    facts |= {"target": address.address if address else Cashier.objects.get().address}
    facts |= {"block_number": 890, "at": NOON, "booked_at": NOON, "key": f"0xa:0xb:{next(number)}"}
    return ChainTransfer.objects.create(address=address, amount=Tft.parse(tft), **facts | fields)


def a_price(**fields):
    prices = {"cu": 100_000, "su": 50_000, "tft_musd": 10, "certified_percent": 125}
    return Price.objects.create(**{"network": "simulated", "read_at": NOON, **prices, **fields})


def a_reading(**fields):
    """Of the same prices, for nobody in particular."""
    prices = {"cu": 100_000, "su": 50_000, "tft_musd": 10, "certified_percent": 125, "read_at": NOON}
    payer = {"held": None, "holdings_read_at": None, "to_team": 100, "margin": 0}
    return Reading(**{"network": "simulated"} | prices | payer | fields)


def a_wallet(team=None, tft="100", **fields):
    """With a starter grant of that many TFT, whatever the team had before."""
    team, fields["twin"] = team or a_team(), fields.get("twin") or a_twin()
    empty_ledger(team=team)
    wallet, _ = Wallet.objects.update_or_create(team=team, defaults={"balance": 0, **fields})
    ledger.grant(wallet, Tft.parse(tft), NOON)
    wallet.refresh_from_db()
    return wallet


def a_limit(team, tft="10", **fields):
    """Of the whole team, a day."""
    row = {"scope": "team", "period": "day", "amount": Tft.parse(tft), "created_at": NOON} | fields
    return SpendingLimit.objects.create(team=team, **row)


def _paying(team):
    """The team's wallet, which a twin signs for."""
    wallet = Wallet.objects.filter(team=team).first() or a_wallet(team)
    if wallet.twin is None:
        wallet.twin = a_twin()
        wallet.save(update_fields=["twin"])
    return wallet


def a_vm(state="standby", pool=None, **fields):
    """In that state, with the facts that a VM of it has."""
    pool = pool or a_pool()
    wallet = fields.pop("wallet", None) or _paying(pool.team)
    size = {"cpu": 2, "memory_gb": 8, "disk_gb": 50}
    times = dict.fromkeys(["state_changed_at", "created_at", "next_step_at", "leased_until"], NOON)
    row = {"team": pool.team, "pool": pool, "wallet": wallet, "state": state, "protection": pool.protection}
    row |= size | times
    return VM.objects.create(**row | _facts_of(state, **fields) | _stated(fields))


def _facts_of(state, node=None, quote=None, **_):
    """What is known of a VM that came as far as that state."""
    states = ["wanted", "deploying", "booting", "standby", "assigned", "busy"]
    come = states.index(state) if state in states else len(states)
    facts = {}
    if come >= states.index("deploying"):
        node = node or a_node()
        facts |= {"node": node, "quote": quote or a_quote(node), "ordered_at": NOON}
    if come >= states.index("booting"):
        facts |= {"sent_at": NOON, "deployed_at": NOON, "contract_ids": [1, 2], "contract_created_at": NOON}
    if come >= states.index("standby"):
        facts |= {"claimed_at": NOON, "last_heartbeat_at": NOON, "agent_digest": digest("key")}
    return facts


def a_withdrawal(team=None, state="waiting", **fields):
    """Of 10 TFT; the team's open one, where it has one."""
    team = team or a_team()
    row = {"route": "tfchain", "address": "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY", "state": state}
    row |= {"amount": Tft.parse("10"), "highest_fee": Tft.parse("0.01")}
    row |= {"asked_at": NOON, "deadline_at": NOON.replace(year=2126)}
    opened = Withdrawal.objects.filter(team=team, state__in=OPEN).first()
    return opened or Withdrawal.objects.create(team=team, **row | fields)


def a_quote(node=None, tft_per_hour="2.125"):
    per_hour = Tft.parse(tft_per_hour)
    size = {"cpu": 2, "memory_gb": 8, "disk_gb": 50, "certified": False}
    prices = {"cu_price": 100_000, "su_price": 50_000, "tft_musd": 10, "usd_per_hour": int(per_hour) // 100}
    node_id = node.node_id if node else 1
    return Quote.objects.create(
        network="simulated", node_id=node_id, per_hour=per_hour, at=NOON, **size, **prices
    )


def a_job(connection=None, state="queued", **fields):
    connection = connection or a_connection()
    labels = fields.pop("labels", ["small"])
    row = {
        "forge_job_id": str(next(number)),
        "repository": f"{connection.name}/app",
        "name": "build",
        "labels": labels,
    }
    times = dict.fromkeys(["queued_at", "discovered_at", "read_at"], NOON)
    size = {
        "label_key": label_key(labels, fields.get("handle", "")),
        "size": "2cpu8gbram50gbssd",
        "discovered_by": "webhook",
    }
    return Job.objects.create(
        **{
            "connection": connection,
            "team": connection.team,
            "state": state,
            **row,
            **times,
            **size,
            **_stated(fields),
        }
    )


def _stated(fields):
    """With the columns of a `reason` that is given as one."""
    return fields | columns(fields["reason"]) if isinstance(fields.get("reason"), Reason) else fields


def a_load(vm, at, **changes):
    """One heartbeat with one sample, in the units of vms/metrics.py; shares in thousandths, KiB a second."""
    told = {"cpu": 500, "steal": 0, "memory": 512, "disk": 2048, "received": 0, "sent": 0, **changes}
    sample = [
        0,
        told["cpu"] / 1000,
        told["steal"] / 1000,
        *(told[name] for name in ("memory", "disk", "received", "sent")),
    ]
    metrics.store(vm, {"samples": [sample], "load": 0.5, "oom_kills": 0}, at)


def a_runner(vm, asked_for=None, **fields):
    """Bound; pass registered_at and forge_runner_id for one that its forge has, job for one that has it."""
    asked = asked_for or a_job(vm.pool.connections.first(), pool=vm.pool)
    row = {
        "connection": asked.connection,
        "labels": asked.labels,
        "label_key": asked.label_key,
        "asked_for": asked,
        "bound_at": NOON,
    }
    return Runner.objects.create(vm=vm, **row | fields)


def a_debug_access(vm, user=None, minutes=30, **fields):
    """Open, for somebody who may."""
    user = user or a_membership(vm.team, role=Role.ADMIN).user
    row = {"who": str(user), "keys": ["ssh-ed25519 AAAA"], "opened_at": NOON} | fields
    row.setdefault("closes_at", row["opened_at"] + timedelta(minutes=minutes))
    return DebugAccess.objects.create(vm=vm, user=user, **row)


def a_started_job(pool, node, waited=10, at=NOON, **fields):
    """Its runner: a job of the pool that was queued, and started so many seconds later."""
    times = {"queued_at": at - timedelta(seconds=waited), "discovered_at": at - timedelta(seconds=waited - 1)}
    vm = a_vm("gone", pool, node=node)
    job = a_job(pool.connections.first(), "in_progress", pool=pool, vm=vm, started_at=at, **times | fields)
    return a_runner(vm, job, job=job, bound_at=at, registered_at=at, started_at=at, taken_at=at)


def an_ended_job(pool, vm=None, connection=None, end=None, **fields):
    """A job that is over, with its runner; `end`: what the agent said of it beside “exited”, {} for nothing at all."""
    vm = vm or a_vm("gone", pool)
    said = {} if end == {} else {"done_at": NOON, "done_cause": "exited"} | (end or {})
    row = {"conclusion": "failure", "pool": pool, "vm": vm} | fields
    job = a_job(connection or pool.connections.first(), "completed", **row)
    a_runner(vm, job, job=job, **said)
    return job


def a_server(team=None, **fields):
    """Of the small app in tests/runners/servers/catalogue/apps."""
    words = json.dumps({"word": "hello", "reader": "ann", "key": "k3y-of-ann", "door": "s3same-open"})
    size = {"cpu": 1, "memory_gb": 1, "disk_gb": 5}
    row = {"name": f"server{next(number)}", "app": "pages", "words": Secret(words), "created_at": NOON}
    team = team or a_team()
    _fund(team)
    return Server.objects.create(team=team, **size | row | _stated(fields))


def a_serving_vm(server=None, state="serving", **fields):
    """Its VM, with a run of its program where it came as far."""
    server = server or a_server()
    wallet = _paying(server.team)
    times = dict.fromkeys(["state_changed_at", "created_at", "next_step_at", "leased_until"], NOON)
    row = {"team": server.team, "server": server, "wallet": wallet, "state": state, "protection": "none"}
    size = {"cpu": server.cpu, "memory_gb": server.memory_gb, "disk_gb": server.disk_gb}
    facts = _facts_of(state, **fields) | {"addresses": {"ip": "127.0.0.1"}}
    vm = VM.objects.create(**row | size | times | facts | fields)
    if state == "serving":
        Run.objects.create(vm=vm, created_at=NOON, started_at=NOON, last_answer_at=NOON)
    return vm
