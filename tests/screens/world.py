"""Kestrel Labs at work: jobs and VMs in every state, a month of money, links that are well and ill. What stands in
one place agrees with what stands in another, for it is counted and charged by the product itself.

And Night Shift, a team that was founded a moment ago.
"""

import random
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.urls import resolve

from billing import ledger, quotes
from runners.models import Event
from runners.reasons.jobs import HeldByForge
from runners.reasons.labels import SizeTooLarge
from runners.reasons.pools import Planned
from runners.reasons.waits import PoolMaximum
from tests.builders import (
    a_connection,
    a_membership,
    a_pool,
    a_price,
    a_problem,
    a_team,
    a_twin,
    a_user,
    a_wallet,
    an_invitation,
)
from tests.house import House
from tests.screens import grid, visitors
from tests.screens.lives import Work, a_vm_as_of, ended, loaded, moments, taken
from tfci.accounts import audit, tokens
from tfci.accounts.audit_actions import Action
from tfci.core.reasons import Other, columns
from tfci.core.tft import Tft

DAYS = 30
MINUTE = timedelta(minutes=1)
MEDIUM, LARGE = "4cpu16gbram100gbssd", "8cpu32gbram200gbssd"


@dataclass
class World(House):
    """The team with all that belongs to it. `variants`: a word of an address -> the rows worth looking at, by name."""

    owner: object = None
    operator: object = None
    new_team: object = None
    newcomer: object = None
    variants: dict = field(default_factory=dict)

    def visits(self, address):
        """(name, path) of each page behind an address of tests/rights.py: all variants of the row that it is about."""
        last = address.rstrip("/").rpartition("/")[2]
        for word in self.variants.keys() - {last}:
            address = re.sub(rf"\b{word}\b", str(next(iter(self.variants[word].values()))), address)
        for name, value in self.variants.get(last, {"": None}).items():
            path = self.fill(address.replace(last, str(value)) if value else address)
            page = resolve(path).url_name or path.strip("/").replace("/", "-")
            yield "-".join(filter(None, [page, name])), path

    def empty(self):
        """The same for the team that has nothing yet: only pages about no row exist."""
        return replace(
            self,
            team=self.new_team,
            owner=self.newcomer,
            **dict.fromkeys(["connection", "pool", "job", "vm", "node"]),
        )


def kestrel_labs(now, days=DAYS):
    """`days` of history. Every look at the world should take the same `now`."""
    a_price(read_at=now - 7 * MINUTE)
    price = quotes.prices("simulated")
    nodes = grid.nodes(now)
    team = a_team("Kestrel Labs", created_at=now - timedelta(days=41))
    wallet = a_wallet(
        team,
        twin=a_twin(usable=Tft.parse("640"), stash=Tft.parse("2400"), holdings_read_at=now - 7 * MINUTE),
        tft="100",
    )
    owner = _people(team, now)
    soon = {"invited_at": now - timedelta(hours=20), "expires_at": now + timedelta(days=6)}
    _, invited = an_invitation(team, "viewer", invited_by=owner, **soon)
    ledger.deposit(wallet, "kestrel-1", Tft.parse("250"), now - timedelta(days=28))
    connections = _connections(team, now)
    pools = _pools(team, connections, now)
    works = _works(connections, pools)
    _month(works, nodes, price, now, days)
    jobs = _last_hour(works, nodes, price, now)
    vms = _vms(jobs, works, nodes, price, now)
    vms["looked_into"] = visitors.looked_into(works["e2e"], nodes[171], price, owner, now)
    visitors.habits(team, nodes, owner, now)
    _decisions(pools["default"], now)
    house = World(team, connections["well"], pools["default"], jobs["running"], vms["busy"], nodes[61], owner)
    house.variants = {
        "JOB": {name: job.pk for name, job in jobs.items()},
        "VM": {name: vm.pk for name, vm in vms.items()},
        "POOL": {name: pool.pk for name, pool in pools.items() if name != "large"},
        "ORG": {name: connection.pk for name, connection in connections.items()},
        "SERVER": {name: row.pk for name, row in visitors.servers(team, nodes, price, now).items()},
        "MEMBER": {"": team.memberships.exclude(user=owner).earliest("pk").pk},
        "INVITATION": {"": team.invitation_set.earliest("pk").pk},
        "INVITED": {"": invited},
        "TOKEN": {"": team.token_set.earliest("pk").pk},
    }
    house.operator = a_user("operator@example.org", name="Operator", is_staff=True)
    house.new_team, house.newcomer = (
        a_team("Night Shift", created_at=now),
        a_user("sam@example.org", name="Sam"),
    )
    a_membership(house.new_team, house.newcomer, "owner", joined_at=now)
    a_wallet(house.new_team, twin=wallet.twin)
    return house


def _people(team, now):
    """Four of them, two invited, three scripts, and what they did. Returns the owner."""
    names = {
        "owner": "Ines Marchetti",
        "admin": "Tomáš Dvořák",
        "member": "Aiko Tanaka",
        "viewer": "Ben Okafor",
    }
    people = {}
    for n, (role, name) in enumerate(names.items()):
        people[role] = a_user(f"{name.split()[0].lower()}@kestrel.example", name=name)
        a_membership(team, people[role], role, joined_at=now - timedelta(days=40 - 6 * n))
    soon = {"invited_at": now - timedelta(hours=20), "expires_at": now + timedelta(days=6)}
    an_invitation(team, "member", email="lena@kestrel.example", invited_by=people["owner"], **soon)
    deeds = [
        (41, "owner", Action.CONNECTION_CREATED, "kestrel", None, {"way": "webhook"}),
        (40, "owner", Action.POOL_CREATED, "default", None, {"max_vms": 12}),
        (33, "admin", Action.CONNECTION_CREATED, "firmware", None, {"way": "webhook"}),
        (30, "admin", Action.TOKEN_CREATED, "terraform", "write", 4),
        (26, "admin", Action.TOKEN_CREATED, "grafana", "read", 16),
        (21, "admin", Action.POOL_CHANGED, "default", {"max_vms": 12}, {"max_vms": 20}),
        (12, "admin", Action.TOKEN_CREATED, "nightly report", "read", None),
        (9, "member", Action.VM_RETIRED, "fh_7_412", None, None),
        (
            2,
            "owner",
            Action.MEMBER_ROLE_CHANGED,
            "ben@kestrel.example",
            {"role": "member"},
            {"role": "viewer"},
        ),
    ]
    for days, who, what, on, before, after in deeds:
        at = now - timedelta(days=days)
        if what == Action.TOKEN_CREATED:
            _token(team, on, before, people[who], at, after and now - after * MINUTE)
        else:
            audit.record(team, people[who], what, on, at=at, before=before, after=after)
    return people["owner"]


def _token(team, name, scope, who, at, used_at):
    token, _ = tokens.make(team, name, scope, who, at)
    token.last_used_at = used_at
    token.save()


def _connections(team, now):
    seen = {
        "last_polled_at": now - timedelta(seconds=3),
        "checked_at": now - timedelta(hours=6),
        "version": "1.25.4",
    }
    heard = {"last_webhook_at": now - timedelta(seconds=41), "hook_id": "7", "login": "kestrel-ci"}
    seen["next_poll_at"] = now + timedelta(minutes=30)
    url, since = "https://git.kestrel.example", now - timedelta(days=41)
    trouble = "Its token no longer works: git.kestrel.example answered 401. Make a new token and set it here."
    return {
        "well": a_connection(team, name="kestrel", url=url, connected_at=since, **seen, **heard),
        "trouble": a_connection(
            team,
            **{
                "name": "firmware",
                "url": url,
                "connected_at": since,
                "problems": a_problem(trouble),
                "login": "kestrel-ci",
            },
            **{"next_poll_at": now + MINUTE, "last_polled_at": now - timedelta(hours=3), "version": "1.25.4"},
        ),
        "polled": a_connection(
            team,
            name="kestrel-oss",
            **{
                "way": "poll",
                "url": "https://codeberg.example",
                "connected_at": since,
                "login": "kestrel-ci",
            },
            **seen,
        ),
        "disconnecting": a_connection(
            team,
            name="attic",
            url=url,
            connected_at=since,
            disconnecting_at=now - MINUTE,
            login="kestrel-ci",
            **seen,
        ),
    }


def _pools(team, connections, now):
    both, since = [connections["well"], connections["polled"]], {"created_at": now - timedelta(days=40)}
    europe = {"regions": ["Europe"]}
    return {
        "default": a_pool(
            team,
            both,
            name="default",
            position=0,
            max_vms=20,
            nodes=europe,
            min_vms={"small": 1},
            reuse="repository",
            arm64_emulated=True,
            **since,
        ),
        "large": a_pool(
            team, both, name="releases", position=1, anchors=["release"], max_vms=1, protection="ram", **since
        ),
        "closing": a_pool(
            team,
            [connections["disconnecting"]],
            name="attic",
            position=2,
            closing_at=now - MINUTE,
            max_vms=2,
            protection="none",
            **since,
        ),
    }


def _works(connections, pools):
    kestrel, oss, pool = connections["well"], connections["polled"], pools["default"]
    return {
        "test": Work(kestrel, pool, "kestrel/wing", "ci.yml", "test"),
        "lint": Work(kestrel, pool, "kestrel/wing", "ci.yml", "lint", sender="aiko"),
        "build": Work(kestrel, pool, "kestrel/wing", "ci.yml", "build", MEDIUM, labels=("medium",)),
        "e2e": Work(
            kestrel, pool, "kestrel/nest", "e2e.yml", "end to end", MEDIUM, labels=("medium",), sender="aiko"
        ),
        "docs": Work(oss, pool, "kestrel-oss/feathers", "docs.yml", "docs", sender="tomas"),
        "image": Work(
            *(kestrel, pools["large"], "kestrel/wing", "release.yml", "image", LARGE),
            branch="release/4.2",
            labels=("release", "large"),
            sender="tomas",
        ),
    }


def _month(works, nodes, price, now, days):
    """Past jobs, more on some days than on others; one in ten failed."""
    chance = random.Random(7)
    takes = {"test": 214, "lint": 38, "build": 326, "e2e": 512, "docs": 71, "image": 689}
    good = [nodes[pk] for pk in (11, 14, 61, 62, 171, 172)]
    for day in range(days, 0, -1):
        names = chance.choices(list(works), (5, 4, 3, 2, 2, 1), k=18 if day == 1 else 2 + day % 6)
        hours = sorted((2 + 9 * chance.random() for _ in names), reverse=True)
        for name, ago in zip(names, hours, strict=True):
            queued = now - timedelta(days=day - 1, hours=ago)
            seconds, node = takes[name] * (0.9 + 0.25 * chance.random()), chance.choice(good)
            conclusion = "failure" if chance.random() < 0.1 else "success"
            ended(works[name], node, price, queued, seconds, conclusion, pace=0.7 + 0.6 * chance.random())


def _last_hour(works, nodes, price, now):
    """One job for each state and cause, by name."""
    ago = lambda minutes: now - minutes * MINUTE  # noqa: E731
    gone = {"end": {}, "why": "its VM stopped answering", "died_at": ago(58)}
    full = {"done_cause": "out_of_memory", "done_said": "the kernel killed g++ (7.6 of 8.0 GB in use)"}
    jobs = {
        "lost": ended(works["e2e"], nodes[84], price, ago(66), 402, "failure", **gone),
        "memory": ended(
            works["test"], nodes[62], price, ago(52), 154, "failure", end={"exit_code": 137} | full
        ),
        "done": ended(works["build"], nodes[61], price, ago(41), 318),
        "failed": ended(works["test"], nodes[14], price, ago(33), 187, "failure", end={"exit_code": 1}),
        "cancelled": ended(works["lint"], nodes[171], price, ago(24), 21, "cancelled"),
    }
    for name in ("done", "failed", "memory"):
        job = jobs[name]
        loaded(job.vm, job.started_at, job.completed_at, 0.97 if name == "memory" else 0.5)
    jobs["refused"] = works["image"].job(
        *("refused", ago(17)),
        labels=["release", "32cpu128gbram"],
        size="",
        reason=SizeTooLarge(32, 16, "processors"),
    )
    jobs["held"] = works["image"].job("waiting", ago(6), pool=None, reason=HeldByForge())
    jobs["running"] = taken(
        works["test"], nodes[61], price, ago(3.4), last_heartbeat_at=now - timedelta(seconds=4), phase="job"
    )
    loaded(jobs["running"].vm, jobs["running"].started_at, now)
    for name, node, minutes in [("e2e", 171, 7.1), ("image", 62, 4.6)]:
        taken(
            works[name],
            nodes[node],
            price,
            ago(minutes),
            last_heartbeat_at=now - timedelta(seconds=2),
            phase="job",
        )
    return jobs


def _vms(jobs, works, nodes, price, now):
    """Those that wait, come up and go; with the jobs that wait for them."""
    made = {"busy": jobs["running"].vm, "gone": jobs["memory"].vm, "lost": jobs["lost"].vm}
    engine = {"engine": "gitea", "version": "0.2.13", "released": f"{now - timedelta(days=40):%Y-%m-%d}"}
    made["busy"].image = {
        "built_at": f"{now - timedelta(days=16):%Y-%m-%dT%H:%M:%SZ}",
        "engines": [engine],
    } | {
        "distribution": "debian",
        "release": "trixie",
    }
    made["busy"].save(update_fields=["image"])
    ahead = [
        ("booting", "lint", 24, "deployed"),
        ("deploying", "docs", 9, "sent"),
        ("wanted", "build", 3, "decided"),
    ]
    for state, name, seconds, until in ahead:
        queued = now - timedelta(seconds=seconds)
        fields = (
            {"reason": Other("waiting for a node with 4 processors, 16 GB and 100 GB free")}
            if state == "wanted"
            else {}
        )
        vm = a_vm_as_of(state, works[name], nodes[172], price, queued, until, **fields)
        jobs[state] = works[name].job("queued", queued, decided_at=moments(queued)["decided"], awaits=vm)
        made[state] = vm
    jobs["full"] = works["image"].job("queued", now - 2 * MINUTE, reason=PoolMaximum(1))
    warm = now - 14 * MINUTE
    made["standby"] = a_vm_as_of(
        "standby", works["test"], nodes[14], price, warm, last_heartbeat_at=now - timedelta(seconds=6)
    )
    made["removing"] = a_vm_as_of(
        "removing", works["lint"], nodes[11], price, warm, reason=Other("its job ended")
    )
    return made


def _decisions(pool, now):
    said = [
        (34, Planned(0, 2, 0, 0, 0, queued=2, refused=0, standing_by=1, vms=3, max_vms=20)),
        (24, Planned(1, 0, 0, 0, 0, queued=1, refused=0, standing_by=2, vms=4, max_vms=20)),
        (12, Planned(0, 0, 1, 0, 0, queued=0, refused=0, standing_by=2, vms=5, max_vms=20)),
        (3, Planned(1, 0, 0, 0, 0, queued=1, refused=0, standing_by=1, vms=4, max_vms=20)),
        (0.4, Planned(0, 3, 0, 0, 0, queued=3, refused=0, standing_by=0, vms=5, max_vms=20)),
    ]
    for minutes, planned in said:
        Event.objects.create(team=pool.team, pool=pool, at=now - minutes * MINUTE, **columns(planned))
    pool.set_reason(said[-1][1])
    pool.decided_at = now - 0.4 * MINUTE
    pool.save()
