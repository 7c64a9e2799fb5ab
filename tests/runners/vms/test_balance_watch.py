"""A balance that runs out: the team is warned, and what runs ends at the floor."""

from datetime import timedelta

import pytest

from billing import ledger, pricing
from billing.budgets import GRACE, PERIOD
from runners.jobs import auto_rerun, failure_advice, ingest, lost_jobs, timeline, wait_reason
from runners.models import VM, Event, Job, Pool, Rerun, Runner
from runners.reasons.ends import BalanceSpent
from runners.reasons.vm_notes import BalanceRunsOut
from runners.tasks import upkeep
from runners.vms import balance_watch, deploy_batches
from tests.builders import NOON, a_membership, a_pool, a_vm, a_wallet
from tests.runners.vms.test_lifecycle import a_busy
from tests.walks import walk
from tests.worlds import a_world
from tfci.accounts.models import Role
from tfci.core.tft import Tft
from tfci.forges.models import Connection
from tfci.grid.ports import Deployment

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def no_overdraft(settings):
    settings.OVERDRAFT = "0"


@pytest.fixture
def at(time_machine):
    return lambda moment: time_machine.move_to(moment, tick=False)


def drain(wallet, left):
    """Take all but so much, as if it had been spent before."""
    wallet.refresh_from_db()
    ledger.charge(wallet, f"before:{left}", wallet.balance - Tft.parse(left), NOON, use="idle")


def a_running(tft="3"):
    """A job on a VM at 2.125 TFT/h, on a wallet with so much; and the outside."""
    world, forge, grid, clock = a_world()
    pool = a_pool()
    wallet = a_wallet(pool.team, tft=tft)
    vm, runner = a_busy(forge, pool=pool)
    grid.vms[vm.name] = Deployment(vm.name, vm.node.node_id, (1, 2), NOON)
    grid.spans[vm.name] = (NOON, None)
    return vm, runner, wallet, (world, forge, grid, clock)


def test_a_job_ends_when_the_balance_is_used_up_and_the_ledger_stays_within_one_period_of_the_floor(
    at, mailoutbox
):
    vm, runner, wallet, (world, _, _, clock) = a_running("3")  # 84.7 minutes
    a_membership(vm.team, role=Role.OWNER)
    warned = ended = None
    for minute in range(120):
        clock.now = NOON + minute * MINUTE
        at(clock.now)
        VM.objects.update(last_heartbeat_at=clock.now)
        if minute % 5 == 0:
            upkeep.charge_all()
        upkeep.watch_balances()
        vm = walk(vm, world, clock)
        if warned is None and mailoutbox:
            warned = minute
        if vm.state == "removing":
            ended = minute
            break
    assert (warned, ended) == (55, 84)
    clock.now += PERIOD  # the removal takes so long
    deploy_batches.send(wallet.twin_id, world, clock.now)
    assert walk(vm, world, clock).state == "gone"
    period = pricing.cost(vm.quote.per_hour, PERIOD // timedelta(milliseconds=1))
    assert -period <= ledger.balance(wallet.pk) < period
    assert (vm.retire_reason, vm.reason) == ("balance_spent", "balance_spent")
    subjects = [mail.subject for mail in mailoutbox]
    assert len(subjects) == 2
    assert "runs out in" in subjects[0] and "is used up" in subjects[1]


def test_the_job_says_why_it_ended_and_what_to_do():
    vm, runner, _, _ = a_running()
    VM.objects.update(state="gone", retire_reason="balance_spent", reason="balance_spent")
    job = Job.objects.select_related("vm", "pool", "connection").get(pk=runner.job_id)
    for state, conclusion in (("in_progress", ""), ("completed", "failure")):
        job.state, job.conclusion = state, conclusion
        timeline.read([job])
        cause = wait_reason.cause(job, timeline.usual(), NOON)
        assert cause == wait_reason.Cause(BalanceSpent())
        assert failure_advice.remedy(job).reason == BalanceSpent()


def test_a_wallet_far_below_the_floor_has_its_warning_and_the_grace_first():
    vm, _, wallet, _ = a_running()
    drain(wallet, "-500")
    assert balance_watch.check(wallet.pk, NOON).vms == set()
    assert balance_watch.check(wallet.pk, NOON + GRACE - MINUTE).vms == set()
    assert balance_watch.check(wallet.pk, NOON + GRACE).vms == {vm.pk}
    assert balance_watch.check(wallet.pk, NOON + GRACE).vms == set()


def test_each_vm_is_told_once_that_it_will_end():
    vm, _, wallet, _ = a_running()
    drain(wallet, "0.5")
    for minute in range(3):
        balance_watch.check(wallet.pk, NOON + minute * MINUTE)
    event = Event.objects.get(vm=vm)
    assert event.typed_reason == BalanceRunsOut(14)


def test_a_deposit_ends_the_warning_and_nothing_ends():
    vm, _, wallet, _ = a_running()
    drain(wallet, "0")
    balance_watch.check(wallet.pk, NOON)
    ledger.deposit(wallet, "payment", Tft.parse("50"), NOON)
    assert balance_watch.check(wallet.pk, NOON + GRACE).vms == set()
    wallet.refresh_from_db()
    assert (wallet.warned_at, wallet.spent_at) == (None, None)
    vm.refresh_from_db()
    assert vm.retire_reason == ""


def test_an_overdraft_lets_it_run_on_below_zero(settings):
    settings.OVERDRAFT = "10"
    _, _, wallet, _ = a_running()
    drain(wallet, "-5")
    assert balance_watch.check(wallet.pk, NOON).vms == set()
    wallet.refresh_from_db()
    assert wallet.warned_at is None


def test_one_that_dies_between_the_warning_and_the_mail_mails_at_the_next_turn(at, monkeypatch, mailoutbox):
    vm, _, wallet, _ = a_running()
    a_membership(vm.team, role=Role.OWNER)
    drain(wallet, "0.5")
    balance_watch.check(wallet.pk, NOON)  # and dies here
    at(NOON + MINUTE)
    upkeep.watch_balances()
    upkeep.watch_balances()
    assert len(mailoutbox) == 1


def test_a_vm_that_came_up_meanwhile_ends_too():
    vm, _, wallet, _ = a_running()
    drain(wallet, "0")
    balance_watch.check(wallet.pk, NOON)
    balance_watch.check(wallet.pk, NOON + GRACE)
    late = a_vm("booting", vm.pool)
    assert balance_watch.check(wallet.pk, NOON + GRACE + MINUTE).vms == {late.pk}


def test_each_page_of_the_team_warns_and_then_says_that_its_vms_ended(client):
    vm, _, wallet, _ = a_running()
    client.force_login(a_membership(vm.team, role=Role.VIEWER).user)
    page = f"/t/{vm.team.slug}/pools/"
    assert "The balance runs out" not in client.get(page).text
    drain(wallet, "0.5")
    balance_watch.check(wallet.pk, NOON)
    assert "The balance runs out at about" in client.get(page).text
    drain(wallet, "0")
    balance_watch.check(wallet.pk, NOON + GRACE)
    assert "The balance is used up: the team’s VMs ended at" in client.get(page).text
    ledger.deposit(wallet, "payment", Tft.parse("50"), NOON)
    assert "The balance" not in client.get(page).text


def end_at_the_forge(world, clock):
    """What the schedule does of it in 30 seconds."""
    for _ in range(10):
        now = clock.tick(3)
        for job_id in lost_jobs.due(now):
            lost_jobs.advance(job_id, world, now)
        for rerun_id in auto_rerun.due(now):
            auto_rerun.advance(rerun_id, world, now)


def a_spent(told=True):
    """A VM that has just ended for the balance, in a pool that runs lost jobs again; `told`: its forge had said before
    that it has the job."""
    vm, runner, wallet, outside = a_running()
    Pool.objects.update(rerun_lost=True)
    Connection.objects.update(version="1.28.0", may_write=True)
    if not told:
        Runner.objects.update(job=None, taken_at=None)
        Job.objects.update(state="queued", vm=None)
        VM.objects.update(state="removing")
    VM.objects.update(retire_reason="balance_spent")
    walk(vm, outside[0], outside[3])
    return runner.job_id or runner.asked_for_id, outside


@pytest.mark.parametrize("told", [True, False], ids=["told before", "told once it was gone"])
def test_its_job_is_ended_at_its_forge_at_once_and_does_not_run_again(told):
    job_id, (world, forge, _, clock) = a_spent(told)
    if not told:
        VM.objects.update(state="gone")
        job = Job.objects.get(pk=job_id)
        ingest.observe(
            job.connection, forge.job(job.repository, job.run_id, job.forge_job_id), clock(), asked_at=clock()
        )
    end_at_the_forge(world, clock)
    job = Job.objects.get(pk=job_id)
    assert forge.asked == [("cancel", job.repository, job.run_id)]
    assert lost_jobs.ending(job).step == lost_jobs.RerunStep.ASKED
    forge.change(job.forge_job_id, status="completed", conclusion="cancelled")
    end_at_the_forge(world, clock)
    job = Job.objects.get(pk=job_id)
    assert (job.state, job.next_end_attempt_at, Rerun.objects.count()) == ("completed", None, 0)
    timeline.read([job])
    assert failure_advice.remedy(job).reason == BalanceSpent()
