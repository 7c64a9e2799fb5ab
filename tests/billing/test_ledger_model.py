"""The ledger as a model: grants, payments, charges and corrections in any order, told twice, told wrongly, cut off."""

import hypothesis.strategies as st
import pytest
from django.db import Error, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from billing import ledger, verification
from billing.models import AccountBalance, Verification, Wallet
from tests.append_only import empty_ledger
from tests.builders import NOON, a_team, a_twin
from tfci.core.tft import Tft

TEAMS = 3
teams = st.integers(0, TEAMS - 1)
units = st.integers(1, 50) | st.integers(1, 10**15)
uses = st.sampled_from(["job", "boot", "idle", "server"])


class CutOff(Exception):
    """The process died before it could commit."""


class Books(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        twin = a_twin()
        self.wallets = [Wallet.objects.create(team=a_team(), twin=twin) for _ in range(TEAMS)]
        self.granted, self.paid_in, self.charged = ([0] * TEAMS for _ in range(3))
        self.written = {}  # key -> what was written under it

    def _write(self, key, act, again, cut_off):
        """Returns whether it was new."""
        if cut_off:
            with pytest.raises((CutOff, ledger.KeyTaken)), transaction.atomic():
                act()
                raise CutOff
        new = key not in self.written
        for _ in range(1 + again):
            if new or self.written[key] == act.contents:
                assert act() is (key not in self.written)
                self.written.setdefault(key, act.contents)
            else:
                with pytest.raises(ledger.KeyTaken):
                    act()
        return new

    @rule(which=teams, amount=units, again=st.booleans(), cut_off=st.booleans())
    def a_grant(self, which, amount, again, cut_off):
        """It is the first that a team has."""
        if f"grant {which}" not in self.written and self.charged[which]:
            return
        act = Act(ledger.grant, self.wallets[which], Tft(amount), NOON)
        if self._write(f"grant {which}", act, again, cut_off):
            self.granted[which] = amount

    @rule(which=teams, number=st.integers(1, 4), amount=units, again=st.booleans(), cut_off=st.booleans())
    def a_deposit(self, which, number, amount, again, cut_off):
        act = Act(ledger.deposit, self.wallets[which], str(number), Tft(amount), NOON)
        if self._write(f"deposit {number}", act, again, cut_off):
            self.paid_in[which] += amount

    @rule(
        which=teams,
        vm=st.integers(1, 12),
        use=uses,
        amount=units,
        back=st.booleans(),
        again=st.booleans(),
        cut_off=st.booleans(),
    )
    def a_charge_or_its_correction(self, which, vm, use, amount, back, again, cut_off):
        """No more goes back than was taken."""
        amount = -min(amount, self.charged[which]) if back else amount
        if not amount:
            return
        key = f"vm:{vm}:{use}"
        act = Act(ledger.charge, self.wallets[which], key, Tft(amount), NOON, use=use, vm_id=vm)
        if self._write(key, act, again, cut_off):
            self.charged[which] += amount

    @rule(
        statement=st.sampled_from(
            ["UPDATE billing_ledgerentry SET moved = 1", "DELETE FROM billing_ledgerentry"]
        )
    )
    def somebody_changes_entries(self, statement):
        if not self.written:
            return
        refused = pytest.raises(Error, match="stay as they are")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    @invariant()
    def each_account_holds_what_it_must(self):
        for which, wallet in enumerate(getattr(self, "wallets", ())):
            granted, paid_in, charged = (sums[which] for sums in (self.granted, self.paid_in, self.charged))
            left = max(0, granted - charged)
            held = dict(AccountBalance.objects.filter(team=wallet.team_id).values_list("account", "amount"))
            assert {name: int(amount) for name, amount in held.items() if amount} == {
                name: amount
                for name, amount in (
                    ("operator:grants", -granted),
                    ("outside", -paid_in),
                    ("operator:income", charged),
                    (f"grant:{wallet.team_id}", left),
                    (f"team:{wallet.team_id}", paid_in + granted - charged - left),
                )
                if amount
            }
            assert ledger.balance(wallet.pk) == granted + paid_in - charged
            assert ledger.spent(team=wallet.team_id) == charged

    @invariant()
    def it_verifies(self):
        assert verification.run(verification.CHECKS, NOON).count == 0


class Act:
    """A call of the ledger's door, and what tells it from others with its key."""

    def __init__(self, door, *given, **facts):
        self.door, self.given, self.facts = door, given, facts
        self.contents = (door, *(getattr(one, "pk", one) for one in given), *facts.items())

    def __call__(self):
        return self.door(*self.given, **self.facts)


class FreshBooks(Books):
    """Each example starts with an empty ledger."""

    def __init__(self):
        empty_ledger()
        Verification.objects.all().delete()
        Wallet.objects.all().delete()
        super().__init__()


def keep_books(examples, steps):
    profile = settings(
        max_examples=examples,
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    run_state_machine_as_test(FreshBooks, settings=profile)


@pytest.mark.django_db
def test_books_are_right_after_any_step():
    keep_books(examples=15, steps=20)


@pytest.mark.proof
@pytest.mark.django_db
def test_two_thousand_books_are_right_after_any_step():
    keep_books(examples=2000, steps=50)
