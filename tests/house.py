"""A team with one of everything, and the addresses of its pages."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.urls import reverse
from django.utils import timezone

from billing.withdrawals import links
from tests.builders import (
    NOON,
    a_connection,
    a_deposit,
    a_deposit_address,
    a_job,
    a_limit,
    a_membership,
    a_node,
    a_pool,
    a_price,
    a_runner,
    a_selection,
    a_server,
    a_serving_vm,
    a_team,
    a_twin,
    a_vm,
    a_wallet,
    a_withdrawal,
    an_invitation,
)
from tfci.accounts import tokens

# Forms that do what they say when people send them
POOL = {
    **{
        "name": "second",
        "connections": "CONNECTION",
        "sizes": "small",
        "default_size": "small",
        "position": 0,
    },
    **{"max_vms": 2, "max_job_minutes": 60, "linger_minutes": 5, "min_distinct_nodes": 1},
}
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG+VaF2eUEwCH7idbmmSnWSIaS0SQuJM0lp0VnFO+QXv ada@laptop"
SERVER = {"name": "another", "size": "small", "app_word": "hello", "app_reader": "ann", "app_key": "k"}
SENT_SERVER = {  # the same by a script
    **{"name": "another", "app": "pages", "size": "small"},
    **{"answers": {"word": "hello", "reader": "ann", "key": "k"}},
}
SPENDING_LIMIT = {"target": "pool:POOL", "period": "month", "amount": "10", "stops": "stop"}
LINK = {
    "forge": "gitea",
    "level": "org",
    "url": "https://git.example.org",
    "name": "another",
    "token": "t",
    "way": "poll",
}


@dataclass
class House:
    """One team's rows, and the addresses of its pages."""

    team: object
    connection: object
    pool: object
    job: object
    vm: object
    node: object

    def address(self, page):
        subject = self.subject(page)
        return reverse(page, args=[self.team.slug, subject.pk] if subject else [self.team.slug])

    def subject(self, page):
        """The row that a page is about, if it is about one."""
        if page in ("pool_new", "connection_new"):
            return None
        kind = page.partition("_")[0]
        return getattr(self, kind) if kind in ("job", "vm", "pool", "connection") else None

    @cached_property
    def server(self):
        """It serves."""
        return a_serving_vm(a_server(self.team, name="docs")).server

    @cached_property
    def limit(self):
        """Of the whole team, a day."""
        return a_limit(self.team)

    def fill(self, text):
        """A text with this team's rows in the place of its words in capitals."""
        return WORD.sub(lambda word: str(ROWS[word[0]](self)), text)

    def form(self, given):
        """A form with this team's rows in it."""
        return {name: self.fill(value) if isinstance(value, str) else value for name, value in given.items()}


# A word in an address of tests/rights.py -> the row that it stands for, made where it is not there yet
ROWS = {
    "TEAM": lambda house: house.team.slug,
    "CONNECTION": lambda house: house.connection.pk,
    "HOOK": lambda house: house.connection.address,
    "POOL": lambda house: house.pool.pk,
    "JOB": lambda house: house.job.pk,
    "VM": lambda house: house.vm.pk,
    "SERVER": lambda house: house.server.pk,
    "NODE": lambda house: house.node.node_id,
    "LIMIT": lambda house: house.limit.pk,
    "SEARCH": lambda house: a_selection(house.team).pk,
    "MEMBER": lambda house: a_membership(house.team).pk,
    "MONTH": lambda house: f"{timezone.now():%Y-%m}",
    "INVITATION": lambda house: an_invitation(house.team)[0].pk,
    "INVITED": lambda house: an_invitation(house.team)[1],
    "WITHDRAWAL": lambda house: a_withdrawal(house.team).pk,
    "STOPPING": lambda house: links.token(links.STOP, a_withdrawal(house.team)).reveal(),
    "TOKEN": lambda house: tokens.make(house.team, "ci", "read", None, NOON)[0].pk,
}
WORD = re.compile(rf"\b({'|'.join(ROWS)})\b")


def a_house(now):
    """A job runs on one VM, one stands by."""
    a_price()
    team = a_team("Kestrel Labs")
    a_wallet(team, twin=a_twin())
    a_deposit(a_deposit_address(team))
    connection = a_connection(team, name="kestrel", last_polled_at=now, hook_id="7", last_webhook_at=now)
    pool = a_pool(team, [connection], name="default")
    since = now - timedelta(minutes=2)
    facts = {"ordered_at": since, "sent_at": since, "deployed_at": since, "claimed_at": since}
    busy = a_vm("busy", pool, contract_created_at=since, tail="[agent] hello", last_heartbeat_at=now, **facts)
    job = a_job(
        connection, "in_progress", pool=pool, vm=busy, queued_at=since, discovered_at=since, started_at=since
    )
    a_runner(busy, job, job=job, bound_at=since, registered_at=since, taken_at=since, forge_runner_id="7")
    vm = a_vm("standby", pool, contract_created_at=since, last_heartbeat_at=now, **facts)
    return House(team, connection, pool, job, vm, a_node(country="Belgium"))
