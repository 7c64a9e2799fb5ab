"""A team's own twin: it signs for the team's new VMs, and their meter takes nothing of the balance."""

from dataclasses import replace
from datetime import timedelta

import pytest

from billing import ledger, own_twins as twins, quotes
from billing.models import AccountBalance, Twin, Wallet
from billing.own_twins import Rejected
from billing.twin_rules.reasons import AccountTaken, TwinInUse, TwinMissing, WordsMisspelled
from runners.metering import charges, verification
from runners.models import VM
from runners.pools import reconcile
from runners.reasons.retirements import RetireCode
from runners.reasons.waits import OwnTwinShort
from runners.vms import balance_watch, deploy_batches, own_twins
from tests.billing.test_twin_rules import FACTS, GOOD
from tests.builders import NOON, a_job, a_node, a_pool, a_price, a_team, a_twin, a_vm, a_wallet
from tests.worlds import a_world
from tfci.accounts.models import AuditEntry
from tfci.core.secret import Secret
from tfci.core.tft import UNIT, Tft
from tfci.grid import registry
from tfci.grid.ports import Holdings

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def plug_in(monkeypatch, account, **others):
    """Accounts of this kind on the grid."""
    kind = replace(registry.KINDS["simulated"], account=account, **others)
    monkeypatch.setitem(registry.KINDS, "simulated", kind)


@pytest.fixture
def chain(monkeypatch):
    """What the chain says of accounts, by their words; tests change it."""
    told = {GOOD: FACTS}

    class Account:
        def __init__(self, url, words, policy):
            self.words = words.reveal()

        def facts(self):
            return told[self.words]

    plug_in(monkeypatch, Account)
    return told


@pytest.fixture
def pool():
    a_price()
    a_node()
    team = a_team("Kestrel Labs")
    a_wallet(team, tft="5", twin=a_twin())
    return a_pool(team, funded=False)


def enter(team, words=GOOD):
    own_twins.enter(team, Secret(f" {words} "), "ann@example.org", NOON)
    return twins.of_team(team)


def held(team):
    return dict(AccountBalance.objects.filter(team=team).values_list("account", "amount"))


def test_entered_words_are_sealed_audited_without_them_and_sign_from_then_on(chain, pool):
    twin = enter(pool.team)
    assert (twin.twin_id, twin.mnemonic.reveal(), twin.usable) == (42, GOOD, 100 * UNIT)
    assert pool.team.wallet_set.get().own_twin == twin
    [entry] = AuditEntry.objects.filter(action="own_twin_entered")
    assert entry.on == "twin 42 on simulated" and "winner" not in f"{entry.after}{entry.note}{entry.on}"
    stored = Twin.objects.raw(
        "SELECT id, mnemonic::text AS sealed FROM billing_twin WHERE team_id IS NOT NULL"
    )
    assert "winner" not in stored[0].sealed


@pytest.mark.parametrize(
    ("words", "facts", "reasons"),
    [
        (GOOD.replace("yellow", "year"), FACTS, [WordsMisspelled()]),
        (GOOD, replace(FACTS, twin_id=None), [TwinMissing("5Grw", "simulated")]),
    ],
)
def test_words_that_will_not_do_change_nothing(chain, pool, words, facts, reasons):
    chain[GOOD] = facts
    with pytest.raises(Rejected) as rejected:
        enter(pool.team, words)
    assert rejected.value.reasons == reasons
    assert twins.of_team(pool.team) is None and not AuditEntry.objects.exists()


def test_an_account_of_somebody_else_here_is_refused_until_they_have_removed_it(chain, pool):
    other = a_team("Others")
    enter(other)
    with pytest.raises(Rejected) as rejected:
        enter(pool.team)
    assert rejected.value.reasons == [AccountTaken()]
    own_twins.remove(other, "bob@example.org", NOON)
    assert enter(pool.team).team == pool.team and Twin.objects.filter(twin_id=42).count() == 1


def test_an_account_of_the_operator_is_refused(chain, pool):
    a_twin(twin_id=42)
    with pytest.raises(Rejected):
        enter(pool.team)


class TestVms:
    def plan(self, pool):
        job = a_job(pool.connections.get(), pool=pool, queued_at=NOON)
        reconcile.run(pool.pk, NOON)
        job.refresh_from_db()
        return job

    def test_new_ones_are_signed_by_it_at_the_chains_own_price(self, chain, pool, settings):
        settings.DISCOUNT_TO_TEAM, settings.MARGIN = 0, 10
        a_vm("deploying", a_pool(pool.team, funded=False))
        held_much = Holdings(Tft(10_000 * UNIT), Tft(0), Tft(0), NOON)
        chain[GOOD] = replace(FACTS, holdings=held_much)
        twin = enter(pool.team)
        vm = self.plan(pool).awaits
        assert (vm.own_twin, vm.signer_id) == (twin, twin.pk)
        parts = quotes.parts(vm.quote)
        assert (vm.quote.discount_percent, parts.margin, parts.discount > 0) == (40, 0, True)
        VM.objects.filter(pk=vm.pk).update(state="deploying", ordered_at=NOON)
        before = VM.objects.exclude(pk=vm.pk).get()
        assert set(deploy_batches.twins_with_work()) == {twin.pk, before.wallet.twin_id}
        world, _, grid, clock = a_world()
        assert deploy_batches.send(twin.pk, world, clock()).vms == {vm.pk}
        assert list(grid.vms) == [vm.name]

    def test_the_meter_runs_and_nothing_is_taken_from_the_balance(self, chain, pool):
        twin = enter(pool.team)
        vm = a_vm("standby", pool, own_twin=twin, contract_created_at=NOON)
        balance = pool.team.wallet_set.get().balance
        charges.settle(vm, NOON + HOUR)
        assert pool.team.wallet_set.get().balance == balance == Tft.parse("5")
        cost = quotes.cost(vm.quote, 3_600_000)
        assert held(pool.team)["own_twin"] == -cost and held(pool.team)["grid"] == cost
        assert ledger.spent(vm_id=vm.pk) == ledger.spent_in_a_day(pool.team, NOON + HOUR) == cost
        ledger.charge(vm.wallet, "correction", Tft(-7), NOON, on_own_twin=True, use="idle", vm_id=vm.pk)
        assert held(pool.team)["grid"] == cost - 7
        assert ledger.spent_on_own_twin(pool.team, NOON, pool.team.zone) == {NOON.date(): cost - 7}

    def test_verify_finds_no_difference_over_its_life(self, chain, pool):
        vm = a_vm("standby", pool, own_twin=enter(pool.team), contract_created_at=NOON)
        charges.settle(vm, NOON + HOUR)
        ends = {"removed_at": NOON + 2 * HOUR, "contract_ended_at": NOON + 2 * HOUR}
        VM.objects.filter(pk=vm.pk).update(state="gone", sent_at=NOON, **ends)
        charges.settle(vm, NOON + 2 * HOUR)
        charges.settle(vm, NOON + 3 * HOUR)
        found = verification.verify(NOON + 3 * HOUR)
        assert [(each.cause, each.examples) for each in found.differences] == []

    def test_a_key_with_another_amount_is_refused_there_too(self, chain, pool):
        wallet = pool.team.wallet_set.get()
        about = {"on_own_twin": True, "use": "idle", "vm_id": 1}
        assert ledger.charge(wallet, "k", Tft(5), NOON, **about)
        assert not ledger.charge(wallet, "k", Tft(5), NOON, **about)
        with pytest.raises(ledger.KeyTaken):
            ledger.charge(wallet, "k", Tft(6), NOON, **about)

    def test_an_empty_one_is_the_reason_that_a_job_waits_whatever_the_balance(self, chain, pool):
        twin = enter(pool.team)
        Twin.objects.filter(pk=twin.pk).update(usable=Tft.parse("4"))  # 2 of them stay
        job = self.plan(pool)
        assert job.typed_reason == OwnTwinShort(21_250_000, 1_250_000)
        assert "own twin must cover" in str(job.typed_reason)
        Twin.objects.filter(pk=twin.pk).update(usable=Tft.parse("4.125"))
        reconcile.run(pool.pk, NOON)
        job.refresh_from_db()
        assert job.awaits.own_twin == twin

    def test_an_hour_that_may_be_unbilled_is_set_aside(self, chain, pool):
        twin = enter(pool.team)
        a_vm("busy", pool, own_twin=twin, contract_created_at=NOON - 9 * HOUR)
        a_vm("busy", pool, contract_created_at=NOON - HOUR)
        allowed = charges.allowance(pool.team.wallet_set.get().pk, NOON)
        assert allowed.left == Tft.parse("98") - 2 * Tft.parse("2.125")
        assert (allowed.running.vms, allowed.own_twin) == (2, twin.pk)

    def test_what_the_balance_pays_is_not_what_the_twin_pays(self, chain, pool):
        wallet, twin = pool.team.wallet_set.get(), enter(pool.team)
        a_vm("busy", pool, own_twin=twin, contract_created_at=NOON)
        assert charges.runway(wallet.pk, NOON).per_hour == 0
        assert charges.own_runway(twin, NOON).per_hour == Tft.parse("2.125")
        funds = charges.funds(pool.team, NOON)
        assert (funds.balance, funds.on_own_twin) == (Tft.parse("98"), True)

    def test_all_on_it_end_while_it_can_still_pay_for_that(self, chain, pool):
        twin = enter(pool.team)
        on_twin = a_vm("busy", pool, own_twin=twin, contract_created_at=NOON)
        prepaid = a_vm("busy", pool, contract_created_at=NOON)
        assert not balance_watch.check_own_twins(NOON).vms
        Twin.objects.filter(pk=twin.pk).update(usable=Tft.parse("2.1"))
        assert balance_watch.check_own_twins(NOON).vms == {on_twin.pk}
        on_twin.refresh_from_db()
        prepaid.refresh_from_db()
        assert (on_twin.retire_reason, prepaid.retire_reason) == (RetireCode.OWN_TWIN_SPENT, "")
        assert not balance_watch.check_own_twins(NOON).vms


def test_it_stays_while_a_vm_needs_its_words_and_the_words_go_after_that(chain, pool):
    twin = enter(pool.team)
    vm = a_vm("busy", pool, own_twin=twin)
    own_twins.stop_using(pool.team, "ann@example.org", NOON)
    assert not twins.is_used(twin)
    with pytest.raises(Rejected) as rejected:
        own_twins.remove(pool.team, "ann@example.org", NOON)
    assert rejected.value.reasons == [TwinInUse(1)]
    VM.objects.filter(pk=vm.pk).update(state="gone")
    own_twins.remove(pool.team, "ann@example.org", NOON)
    twin.refresh_from_db()
    assert (twin.mnemonic.reveal(), twin.removed_at) == ("", NOON)
    actions = AuditEntry.objects.filter(team=pool.team).values_list("action", flat=True)
    assert set(actions) == {"own_twin_entered", "own_twin_paused", "own_twin_removed"}


def test_another_account_replaces_it_once_no_vm_runs_on_it(chain, pool):
    first, other = enter(pool.team), "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"
    chain[other] = replace(FACTS, address="5Other", twin_id=43)
    vm = a_vm("busy", pool, own_twin=first)
    with pytest.raises(Rejected):
        enter(pool.team, other)
    assert twins.of_team(pool.team) == first
    VM.objects.filter(pk=vm.pk).update(state="gone")
    assert enter(pool.team, other).twin_id == 43
    first.refresh_from_db()
    assert first.mnemonic.reveal() == "" and Wallet.objects.get(team=pool.team).own_twin.twin_id == 43
