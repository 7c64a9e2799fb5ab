"""Sums of spend by API: whatever they are of, they are the ledger's charges to the last digit."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from billing import ledger
from billing.models import LedgerEntry
from billing.uses import Use
from runners.metering import spend_rollup
from runners.metering.spend_rollup import LATE_FACTS
from tests.builders import NOON, a_connection, a_job, a_node, a_pool, a_team, a_twin, a_vm, a_wallet
from tests.runners.web.api.scripts import Script
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db
GROUPS = ["day", "connection", "repository", "workflow", "pool", "size", "node", "person", "job"]


def charge(wallet, key, amount, hours=0, **facts):
    at = NOON + timedelta(hours=hours)
    ledger.charge(wallet, key, Tft(amount), at, **{"use": Use.JOB, "vm_id": 1} | facts)


@pytest.fixture
def wallet(team):
    """Two jobs of two repositories and pools, idle time of no job, a server of no pool; and another team's job."""
    wallet = a_wallet(team)
    charge(wallet, "a", 100, pool_id=1, job_id=7, repository="acme/app")
    charge(wallet, "b", 23, use=Use.BOOT, pool_id=1, job_id=7, repository="acme/app")
    charge(wallet, "c", 50, hours=13, pool_id=2, job_id=9, repository="acme/site", vm_id=2)
    charge(wallet, "d", -4, hours=13, pool_id=2, job_id=9, repository="acme/site", vm_id=2)
    charge(wallet, "e", 8, hours=14, use=Use.IDLE, pool_id=1)
    charge(wallet, "f", 3, hours=38, use=Use.SERVER, vm_id=3)
    charge(a_wallet(a_team(), twin=wallet.twin), "g", 999, pool_id=1, job_id=8, repository="acme/app")
    return wallet


def sums(reader, **asked):
    return [
        (item["key"], int(Decimal(item["amount"]) * 10**7)) for item in reader.get("/spend", **asked).items
    ]


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("day", [("2026-06-03", 3), ("2026-06-02", 54), ("2026-06-01", 123)]),
        ("pool", [("1", 131), ("2", 46), ("", 3)]),
        ("repository", [("acme/app", 123), ("acme/site", 46), ("", 11)]),
        ("job", [("9", 46), ("7", 123), ("", 11)]),
    ],
)
def test_what_was_spent_is_summed_by_what_is_asked(reader, wallet, group, expected):
    assert sums(reader, group_by=group) == expected


def test_each_sum_says_what_it_was_used_for(reader, wallet):
    *_, first, _ = reader.get("/spend", group_by="job").items
    assert first["uses"] == dict.fromkeys(Use, "0.0000000") | {"job": "0.0000100", "boot": "0.0000023"}


@pytest.mark.parametrize(
    ("asked", "total"),
    [
        ({"since": "2026-06-02T01:00:00Z"}, 57),
        ({"until": "2026-06-02T01:00:00Z"}, 123),
        ({"since": "2026-06-01T00:00:00Z", "until": "2026-06-03T00:00:00Z"}, 177),
        ({"pool": 2}, 46),
        ({"repository": "Acme/App"}, 123),
        ({"job": 7, "use": "boot"}, 23),
        ({"vm": 3}, 3),
        ({"since": "2026-06-01T12:00:00.000001Z"}, 57),
        ({"since": "0001-01-01T00:00:00+14:00", "until": "9999-12-31T23:59:59-14:00"}, 180),
        ({"since": "2026-06-02T02:00:00"}, 11),
    ],
)
def test_filters_keep_the_charges_that_have_it(reader, wallet, asked, total):
    for group in GROUPS:
        assert sum(amount for _, amount in sums(reader, group_by=group, **asked)) == total


@pytest.mark.parametrize("group", GROUPS)
def test_pages_hold_each_sum_once(reader, wallet, group):
    whole, got, asked = sums(reader, group_by=group), [], {}
    for _ in range(5):
        answer = reader.get("/spend", group_by=group, limit=1, **asked)
        got += [item["key"] for item in answer.items]
        if answer.said["next"] is None:
            break
        asked = {"after": got[-1]}
        assert f"group_by={group}" in answer.said["next"] and "after=" in answer.said["next"]
    assert got == [key for key, _ in whole]


def test_what_it_does_not_know_is_told(reader):
    reader.get("/spend").problem(422)
    reader.get("/spend", group_by="month").problem(422)
    reader.get("/spend", group_by="job", form="x").problem(422)
    for group, after in (("job", "x"), ("job", str(2**63)), ("day", "yesterday"), ("pool", "-1")):
        reader.get("/spend", group_by=group, after=after).problem(422)


def test_what_jobs_and_vms_know_groups_and_filters_too(reader, team):
    wallet = a_wallet(team)
    connection = a_connection(team)
    vm = a_vm("busy", a_pool(team, [connection], funded=False), wallet=wallet, node=a_node(node_id=77))
    job = a_job(connection, "in_progress", vm=vm, workflow="ci.yml", sender="ann")
    charge(wallet, "a", 5, job_id=job.pk, vm_id=vm.pk)
    charge(wallet, "b", 2, use=Use.IDLE, vm_id=vm.pk)
    charge(wallet, "c", 1, vm_id=10**12)
    for group, key in (("connection", str(connection.pk)), ("workflow", "ci.yml"), ("person", "ann")):
        assert sums(reader, group_by=group) == [(key, 5), ("", 3)]
        assert sums(reader, group_by="node", **{group: key}) == [("77", 5)]
    for group, key in (("size", "2cpu8gbram50gbssd"), ("node", "77")):
        assert sums(reader, group_by=group) == [(key, 7), ("", 1)]
        assert sums(reader, group_by="person", **{group: key}) == [("ann", 5), ("", 2)]


charges = st.tuples(
    st.integers(-(10**12), 10**15),
    st.sampled_from(list(Use)),
    st.integers(0, 60),
    st.none() | st.integers(1, 3),
    st.none() | st.integers(1, 5),
    st.sampled_from(["", "acme/app", "acme/site"]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(charges, min_size=1, max_size=12), st.integers(0, 60))
def test_by_whatever_they_sum_up_to_the_ledger_however_much_is_rolled_up(rows, old):
    wallet = a_wallet(a_team(), twin=a_twin())
    for number, (amount, use, hours, pool, job, repository) in enumerate(rows):
        facts = {"use": use, "pool_id": pool, "job_id": job, "repository": repository}
        charge(wallet, f"{wallet.pk}:{number}", amount, hours, **facts)
    reader, spent = Script(wallet.team), ledger.spent(team=wallet.team)
    spend_rollup.roll_up_batch(wallet.team_id, NOON + LATE_FACTS + timedelta(hours=old))
    by_job = Counter()
    for entry in LedgerEntry.objects.filter(team=wallet.team, kind="charge"):
        by_job[str(entry.job_id or "")] -= int(entry.amount)
    assert dict(sums(reader, group_by="job")) == dict(by_job)
    for group in GROUPS:
        items = reader.get("/spend", group_by=group).items
        assert sum(Decimal(item["amount"]) for item in items) == Decimal(str(spent))
        assert sum(Decimal(part) for item in items for part in item["uses"].values()) == Decimal(str(spent))
