"""An installation with teams, their addresses, VMs and withdrawals on a chain in memory, whose processes may die at any
statement and at any call of the chain."""

from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection

from billing import ledger, quotes, wallets
from billing.cashier import deposits
from billing.models import Cashier, DepositAddress, LedgerEntry, Withdrawal
from practice.chain import calls, events
from practice.chain.notices import Minted
from practice.grid.payments import reading
from runners.metering import charges, spend_rollup
from runners.models import VM
from tests.billing.till import RICH
from tests.billing.withdrawals.desk import CASHIER, Desk, Killed
from tests.builders import a_job, a_membership, a_node, a_pool, a_quote, a_runner, a_team, a_vm, number
from tfci.accounts.models import Role
from tfci.core.tft import Tft
from tfci.grid import addresses

WRITES = ("INSERT", "UPDATE", "DELETE")


@contextmanager
def dying(statements):
    """Kills the process before that write to the database, counted from 0; None lets it live."""

    def count(execute, sql, *arguments):
        nonlocal statements
        if sql.startswith(WRITES):
            if statements == 0:
                raise Killed
            statements -= 1
        return execute(sql, *arguments)

    if statements is None:
        yield
        return
    try:
        with connection.execute_wrapper(count):
            yield
    except Killed:
        pass


class Money(Desk):
    """A desk whose teams pay in at addresses of their own, and pay for VMs."""

    def __init__(self, teams):
        super().__init__(kept=5000)
        self.granted, self.added, self.final = Counter(), Counter(), Counter()
        self.read = self.till.chain.final.number
        self.teams = [a_team() for _ in range(teams)]
        for team in self.teams:
            a_membership(team, role=Role.OWNER)
            wallets.for_team(team)
        self.turns(6)
        rows = DepositAddress.objects.filter(cashier=self.cashier)
        self.addresses = {addresses.decode(row.address): row.team_id for row in rows}
        self.pools = {team.pk: a_pool(team, funded=False) for team in self.teams}
        self.node = a_node()
        self.ended = {}  # VM -> milliseconds that it was paid for

    # Money that comes

    def address(self, team):
        return next(each for each, owner in self.addresses.items() if owner == team.pk)

    def pay(self, payments):
        """(team, amount) in one act of somebody's."""
        paid = [calls.Transfer(self.address(team), amount) for team, amount in payments]
        self.till.act(RICH, paid[0] if len(paid) == 1 else calls.BatchAll(tuple(paid)))

    def mint(self, target, amount, name):
        fee = self.till.chain.state.terms.deposit_fee
        self.till.chain.notice(Minted(name.encode(), target, amount + fee))

    def grant(self, team, amount):
        if ledger.grant(wallets.for_team(team), Tft(amount), self.now):
            self.granted[team.pk] += amount

    def add(self, team, key, amount):
        """By hand, by the operator."""
        if ledger.deposit(wallets.for_team(team), key, Tft(amount), self.now):
            self.added[team.pk] += amount

    def paid_in(self):
        """By team, in blocks that are final; each is read once."""
        chain = self.till.chain
        for at in range(self.read + 1, chain.final.number + 1):
            for moved in reading.transfers(chain.block(chain.hash_at(at)), self.addresses):
                team, source = self.addresses.get(bytes.fromhex(moved["target"])), moved["source"]
                if team and source != CASHIER.hex():
                    self.final[team] += moved["amount"]
        self.read = chain.final.number
        return self.final

    def final_burns(self):
        """The bridge acts on final blocks alone."""
        chain = self.till.chain
        final = (block for block in chain.since(0) if block.number <= chain.final.number)
        told = (record.event for block in final for record in block.records)
        return [event for event in told if isinstance(event, events.BurnTransactionCreated)]

    def credited(self):
        """By team, of what came by the chain."""
        entries = LedgerEntry.objects.filter(kind="deposit", from_account__startswith="chain:")
        sums = Counter()
        for team, moved in entries.values_list("team", "moved"):
            sums[team] += int(moved)
        return sums

    def watch_as(self, stale):
        """Another watcher, which has known the cashier for a while."""
        deposits.watch(stale, self.payer, self.now)

    def cashier_now(self):
        return Cashier.objects.get(pk=self.cashier.pk)

    # VMs

    def order(self, team, per_hour):
        wallet = wallets.for_team(team)
        quote = a_quote(self.node, per_hour)
        vm = a_vm("deploying", self.pools[team.pk], wallet=wallet, node=self.node, quote=quote)
        VM.objects.filter(pk=vm.pk).update(sent_at=self.now)

    def refuse(self, vm):
        """The grid makes no contract."""
        VM.objects.filter(pk=vm.pk).update(state="gone", removed_at=self.now)

    def start(self, vm):
        facts = {"state": "busy", "contract_ids": [vm.pk], "contract_created_at": self.now}
        VM.objects.filter(pk=vm.pk).update(**facts, claimed_at=self.now + timedelta(seconds=7))

    def run_jobs(self, vm, jobs):
        """That many in the time that it has had, as it turns out."""
        begins, each = vm.claimed_at, (self.now - vm.claimed_at) / (jobs + 1)
        for n in range(jobs if each > timedelta(seconds=1) else 0):
            first = begins + n * each + timedelta(milliseconds=300)
            times = {"started_at": first, "completed_at": first + each / 2}
            job = a_job(
                vm.pool.connections.get(), "completed", pool=vm.pool, vm=vm, workflow=f"w{n}", **times
            )
            bound = dict.fromkeys(["bound_at", "registered_at", "started_at", "taken_at"], first)
            a_runner(vm, job, job=job, done_at=first + each / 2, **bound)

    def settle(self, vm):
        charges.settle(vm, self.now)

    def lose(self, vm):
        """Its contract is over, whatever the reason; what it cost may still have to be charged."""
        times = {"contract_ended_at": self.now, "removed_at": self.now, "state_changed_at": self.now}
        VM.objects.filter(pk=vm.pk).update(state="removing", **times)
        self.ended[vm.pk] = (self.now - vm.contract_created_at) // timedelta(milliseconds=1)

    def finish(self, vm):
        """As lifecycle.py does: charged, then gone."""
        charges.settle(vm, self.now)
        VM.objects.filter(pk=vm.pk).update(state="gone")

    def roll_up(self, team):
        spend_rollup.roll_up_batch(team.pk, self.now)

    # What must be left

    def cost(self, team):
        """Of its VMs that are gone: their quotes times their time."""
        vms = VM.objects.filter(team=team, pk__in=self.ended).select_related("quote")
        return sum(int(quotes.cost(vm.quote, self.ended[vm.pk])) for vm in vms)

    def paid_out(self, team):
        """Less what the bridge brought back."""
        left = 0
        for row in Withdrawal.objects.filter(team=team, state__in=["paid", "returned"]):
            fee = sum(int(act.fee) for act in row.acts.all())
            left += int(row.amount) + min(fee, int(row.highest_fee))
            left -= int(row.reason_params["amount"]) if row.state == "returned" else 0
        return left

    def balance_due(self, team):
        came = self.granted[team.pk] + self.added[team.pk] + self.paid_in()[team.pk]
        return came - self.paid_out(team) - self.cost(team)


def stellar_address():
    """That the chain takes; no wallet has it."""
    return f"G{next(number):055d}"


def tft(text):
    return int(Tft.parse(text))
