"""The roll-up holds each charge once, whatever happens while it is made, and sums are the ledger's before and after."""

import itertools
import threading
from collections import Counter
from datetime import UTC, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from django.db import connection, connections as databases, transaction
from hypothesis import HealthCheck, given, settings

from billing import ledger, verification
from billing.models import LedgerEntry, SpendBucket, SpendCursor, SpendDimensions
from billing.uses import Use
from runners.metering import charge_search, spend_rollup, spend_sums
from runners.metering.spend_rollup import LATE_FACTS
from runners.metering.spend_sums import ChargeFilter, GroupBy, Period
from runners.models import Job
from tests.append_only import without_triggers
from tests.builders import NOON, a_connection, a_job, a_node, a_pool, a_team, a_twin, a_vm, a_wallet
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db

NUMBER = itertools.count(1)
LATER = NOON + timedelta(days=3)  # when all charges here are old enough
EVER = Period()
DIMENSIONS = [by for by in GroupBy if by != GroupBy.JOB]


class CutOff(Exception):
    """The process died before it could commit."""


class Payer:
    """A team whose jobs differ in all that charges are grouped by."""

    def __init__(self):
        self.wallet = a_wallet(a_team(), twin=a_twin())
        self.team = self.wallet.team
        self.jobs, nodes = [], [a_node() for _ in range(3)]
        for n, (workflow, sender, size) in enumerate(
            [("ci.yml", "ann", 2), ("ci.yml", "bob", 2), ("release.yml", "ann", 4), ("", "", 4)]
        ):
            pool = a_pool(self.team, [a_connection(self.team)], funded=False)
            vm = a_vm("busy", pool, wallet=self.wallet, cpu=size, node=nodes[n % 3])
            names = {"workflow": workflow, "sender": sender, "repository": f"acme/app{n % 2}"}
            self.jobs.append(a_job(pool.connections.get(), "in_progress", pool=pool, vm=vm, **names))

    def charge(self, amount, which=0, minutes=0, use=Use.JOB):
        """For a job, its VM without a job (4 to 7), or for a server that is no longer known (8)."""
        facts = {"use": use, "vm_id": 10**12}
        if which < 8:
            job = self.jobs[which % 4]
            facts |= {"vm_id": job.vm_id, "pool_id": job.pool_id}
            if which < 4:
                facts |= {"job_id": job.pk, "repository": job.repository}
        at = NOON + timedelta(minutes=minutes)
        return ledger.charge(self.wallet, f"charge {next(NUMBER)}", Tft(amount), at, **facts)

    def sums(self, by, zone=UTC, period=EVER, **keys):
        within = ChargeFilter({GroupBy(name): key for name, key in keys.items()})
        [found] = spend_sums.compare(self.team, [by], [period], within, zone)
        return {each.key: int(each.amount) for each in found[by]}

    @property
    def spent(self):
        return ledger.spent(team=self.team)


@pytest.fixture
def payer():
    return Payer()


def differences():
    return verification._differences(spend_rollup.CHECK, NOON).count


def charge_all(payer):
    for which, use in itertools.product(range(9), (Use.JOB, Use.BOOT, Use.IDLE)):
        payer.charge(10**which, which, 7 * which, use)


def test_each_charge_is_in_the_sums_of_all_that_it_is_for_before_it_is_rolled_up_and_after(payer):
    charge_all(payer)
    before = {by: payer.sums(by) for by in DIMENSIONS}
    assert before[GroupBy.WORKFLOW] == {"ci.yml": 33, "release.yml": 300, "": 333333000}
    assert before[GroupBy.PERSON] == {"ann": 303, "bob": 30, "": 333333000}
    assert before[GroupBy.REPOSITORY] == {"acme/app0": 303, "acme/app1": 3030, "": 333330000}
    assert before[GroupBy.SIZE] == {"2cpu8gbram50gbssd": 330033, "4cpu8gbram50gbssd": 33003300, "": 300000000}
    nodes = [str(job.vm.node.node_id) for job in payer.jobs]
    assert before[GroupBy.NODE] == {nodes[0]: 30033003, nodes[1]: 300030, nodes[2]: 3000300, "": 300000000}
    assert before[GroupBy.CONNECTION] == {
        **{str(job.connection_id): 3 * 10**n for n, job in enumerate(payer.jobs)},
        "": 333330000,
    }
    assert spend_rollup.roll_up(LATER) == LedgerEntry.objects.count()
    assert {by: payer.sums(by) for by in DIMENSIONS} == before
    assert spend_rollup.roll_up(LATER) == differences() == 0


def test_all_charges_of_a_quarter_hour_for_the_same_are_one_row(payer):
    for minutes in (0, 5, 14, 15):
        payer.charge(7, minutes=minutes)
        payer.charge(2, minutes=minutes, use=Use.BOOT)
    spend_rollup.roll_up(LATER)
    rows = SpendBucket.objects.order_by("at").values_list("at", "job", "boot", "idle")
    assert list(rows) == [(NOON, 21, 6, 0), (NOON + timedelta(minutes=15), 7, 2, 0)]


def test_young_charges_follow_what_becomes_known_of_their_jobs(payer):
    payer.charge(5, which=3)
    spend_rollup.roll_up(NOON + LATE_FACTS)
    Job.objects.filter(pk=payer.jobs[3].pk).update(workflow="late.yml")
    assert payer.sums(GroupBy.WORKFLOW) == {"late.yml": 5}
    assert not SpendBucket.objects.exists()
    spend_rollup.roll_up(NOON + LATE_FACTS + timedelta(seconds=1))
    assert payer.sums(GroupBy.WORKFLOW) == {"late.yml": 5}
    assert SpendDimensions.objects.get().workflow == "late.yml"


def test_history_outlives_the_rows_of_jobs(payer):
    payer.charge(5)
    spend_rollup.roll_up(LATER)
    Job.objects.filter(pk=payer.jobs[0].pk).update(sender="somebody else", workflow="")
    assert (payer.sums(GroupBy.PERSON), payer.sums(GroupBy.WORKFLOW)) == ({"ann": 5}, {"ci.yml": 5})


def test_filters_combine_and_none_is_one_too(payer):
    charge_all(payer)
    spend_rollup.roll_up(LATER)
    charge_all(payer)
    assert payer.sums(GroupBy.REPOSITORY, person="ann", workflow="ci.yml") == {"acme/app0": 6}
    assert payer.sums(GroupBy.PERSON, repository="ACME/APP0") == {"ann": 606}
    assert payer.sums(GroupBy.PERSON, repository="", size="2cpu8gbram50gbssd") == {"": 660000}
    assert payer.sums(GroupBy.NODE, pool=payer.jobs[2].pool_id) == {
        str(payer.jobs[2].vm.node.node_id): 6000600
    }
    assert payer.sums(GroupBy.DAY, pool="") == {"2026-06-01": 600000000}


@pytest.mark.parametrize("by", [by for by in DIMENSIONS if by != GroupBy.DAY])
def test_the_entries_of_a_filter_are_those_that_are_summed(payer, by):
    charge_all(payer)
    spend_rollup.roll_up(LATER)
    charge_all(payer)
    for key, amount in payer.sums(by).items():
        value = int(key) if key and by in spend_sums.IDS else key
        entries = charge_search.entries(payer.team, ChargeFilter({by: value}), Period())
        assert -sum(entry.amount for entry in entries) == amount


def test_days_are_those_of_any_zone(payer):
    for n in range(48):
        payer.charge(1 + n, minutes=45 * n)
    spend_rollup.roll_up(LATER)
    for name in ("UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"):
        zone, expected = ZoneInfo(name), Counter()
        for entry in LedgerEntry.objects.filter(kind="charge"):
            expected[str(entry.at.astimezone(zone).date())] -= int(entry.amount)
        assert payer.sums(GroupBy.DAY, zone) == expected


minutes = st.integers(0, 300)
charges = st.tuples(
    st.integers(-50, 10**12).filter(bool), st.integers(0, 8), minutes, st.sampled_from(list(Use))
)
steps = st.lists(charges | st.sampled_from(["roll up", "killed"]) | minutes, max_size=16)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, since=minutes, length=minutes, at_once=st.integers(1, 4))
def test_whatever_was_charged_and_rolled_up_in_whatever_order_sums_are_the_ledgers(
    monkeypatch, steps, since, length, at_once
):
    """A number is the minute up to which charges are old enough."""
    monkeypatch.setattr(spend_rollup, "AT_ONCE", at_once)
    payer, now = Payer(), NOON + LATE_FACTS
    for step in steps:
        if isinstance(step, tuple):
            payer.charge(*step)
        elif isinstance(step, int):
            now = NOON + LATE_FACTS + timedelta(minutes=step)
        elif step == "roll up":
            spend_rollup.roll_up_batch(payer.team.pk, now)
        else:
            with pytest.raises(CutOff), transaction.atomic():
                spend_rollup.roll_up_batch(payer.team.pk, now)
                raise CutOff
    period = Period(NOON + timedelta(minutes=since), NOON + timedelta(minutes=since + length))
    within = {"at__gte": period.since, "at__lt": period.until}
    whole, part = spend_sums.compare(payer.team, DIMENSIONS, [EVER, period], ChargeFilter(), UTC)
    spent, spent_in_part = payer.spent, ledger.spent(team=payer.team, **within)
    for by in DIMENSIONS:
        assert sum(each.amount for each in whole[by]) == spent
        assert sum(each.amount for each in part[by]) == spent_in_part
    assert differences() == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE billing_spendbucket SET idle = idle + 1",
        "DELETE FROM billing_spendbucket",
        "UPDATE billing_spendbucket SET at = at + interval '15 min'",
        "UPDATE billing_spenddimensions SET repository = 'acme/other'",
        "UPDATE billing_spenddimensions SET pool_id = 1",
        "UPDATE billing_ledgerentry SET moved = moved + 1 WHERE kind = 'charge'",
        "DELETE FROM billing_ledgerentry WHERE kind = 'charge'",
        "UPDATE billing_spendcursor SET entry_id = 0",
    ],
)
def test_what_was_changed_past_all_doors_is_found(payer, sql):
    payer.charge(5)
    spend_rollup.roll_up(LATER)
    with without_triggers(), connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.rowcount
    assert differences()


def test_a_turn_is_bounded_and_the_next_goes_on(payer, monkeypatch):
    monkeypatch.setattr(spend_rollup, "AT_ONCE", 2)
    clock = itertools.cycle([0, 1, 1, 1, spend_rollup.TURN])
    monkeypatch.setattr(spend_rollup, "time", SimpleNamespace(monotonic=clock.__next__))
    for _ in range(10):
        payer.charge(1)
    turns = [spend_rollup.roll_up(LATER) for _ in range(3)]
    assert turns == [6, 5, 0]  # the grant is an entry too
    assert payer.sums(GroupBy.DAY) == {"2026-06-01": 10}


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_is_committed_late_is_not_skipped():
    """Its team's next entries wait for it, and another team's do not."""
    slow, quick = Payer(), Payer()
    written, go_on = threading.Event(), threading.Event()

    def charge_slowly():
        with transaction.atomic():
            slow.charge(5)
            written.set()
            go_on.wait(10)
        databases.close_all()

    def charge_after_it():
        slow.charge(6)
        databases.close_all()

    first = threading.Thread(target=charge_slowly)
    first.start()
    assert written.wait(10)
    second = threading.Thread(target=charge_after_it)
    second.start()
    quick.charge(7)
    spend_rollup.roll_up(LATER)
    assert (slow.sums(GroupBy.DAY), quick.sums(GroupBy.DAY)) == ({}, {"2026-06-01": 7})
    go_on.set()
    first.join(10)
    second.join(10)
    spend_rollup.roll_up(LATER)
    assert slow.sums(GroupBy.DAY) == {"2026-06-01": 11}
    assert (
        SpendCursor.objects.get(team=slow.team).entry_id
        == LedgerEntry.objects.filter(team=slow.team).latest("pk").pk
    )
    assert differences() == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_roll_up_one_team_add_each_charge_once(payer):
    for n in range(20):
        payer.charge(1, minutes=n)
    both = threading.Barrier(2)

    def roll_up():
        both.wait(10)
        spend_rollup.roll_up(LATER)
        databases.close_all()

    threads = [threading.Thread(target=roll_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert payer.sums(GroupBy.DAY) == {"2026-06-01": 20}
    assert differences() == 0
