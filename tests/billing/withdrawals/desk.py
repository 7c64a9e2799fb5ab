"""Teams that pay out from a cashier on a chain in memory, for tests: people ask, blocks are made, processes die."""

from datetime import timedelta
from functools import partial
from hashlib import blake2b

from billing import ledger, ledger_accounts as accounts, wallets
from billing.cashier import turn
from billing.models import Cashier, CashierAct, Withdrawal
from billing.withdrawals import requests, stepping
from practice.chain import calls, events
from practice.chain.acts import Act
from practice.chain.addresses import named
from runners.metering import charges
from tests.billing.till import WORDS, Till, account_of
from tests.builders import NOON, a_membership, a_team, a_wallet, number
from tfci.accounts.models import Role
from tfci.core.secret import Secret
from tfci.core.tft import UNIT, Tft
from tfci.grid import addresses
from tfci.grid.ports import Unavailable

CASHIER = account_of(WORDS)
FLOAT = 100 * UNIT  # of the operator's own on the cashier's account
STELLAR = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ"


class Killed(BaseException):
    """The process is gone; nothing catches it."""


class MortalPayer:
    """A payer whose process is killed after `lives` more calls of the chain, before or (`late`) after the last one was
    carried out; while it is `deaf`, calls are carried out and their answers are lost."""

    def __init__(self, payer):
        self.payer, self.lives, self.late, self.deaf = payer, None, False, False

    def __getattr__(self, name):
        def call(*given):
            dies = self.lives == 0
            if self.lives:
                self.lives -= 1
            if dies and not self.late:
                raise Killed
            answer = getattr(self.payer, name)(*given)
            if dies:
                raise Killed
            if self.deaf:
                raise Unavailable("No answer.")
            return answer

        return call


class Desk:
    """`now` is the product's clock; blocks come when a test says so."""

    def __init__(self, kept=256):
        self.now, self.till = NOON, Till(kept=kept, cashier_holds=FLOAT)
        self.till.seal()
        self.payer = MortalPayer(self.till.payer())
        self.cashier = Cashier.objects.create(
            network="simulated", address=addresses.encode(CASHIER), mnemonic=Secret(WORDS)
        )

    def team(self, tft="100"):
        """With an owner, and so much paid in by the chain."""
        team = a_team()
        a_wallet(team, tft="0.0000001")
        a_membership(team, role=Role.OWNER)
        self.deposit(team, Tft.parse(tft))
        return team

    def deposit(self, team, amount):
        """As it is once it was swept to the cashier."""
        self.till.mint(addresses.encode(CASHIER), amount, f"deposit {next(number)}")
        wallet = wallets.for_team(team)
        ledger.deposit(wallet, f"{next(number)}", amount, self.now, accounts.CASHIER)

    def blocks(self, count=1, *notices, lag=0):
        self.till.lag = lag
        self.till.seal(*notices, count=count)

    def ask(self, team, tft="10", address=None, route=requests.Route.TFCHAIN, bridge_fee="0"):
        address = address or addresses.encode(named(f"payee {next(number)}"))
        person = team.memberships.get().user
        return requests.ask(team, person, route, address, Tft.parse(tft), Tft.parse(bridge_fee), self.now)

    def confirm(self, row):
        return requests.confirm(row, row.asked_by, self.now)

    def confirmed(self, team, tft="10", **more):
        """Asked, confirmed, and its delay is over."""
        row = self.ask(team, tft, **more)
        assert self.confirm(row)
        self.wait(requests.delay())
        return row

    def wait(self, time=timedelta(seconds=10)):
        self.now += time

    def turn(self):
        cashier = Cashier.objects.get(pk=self.cashier.pk)
        turn.take(cashier, self.payer, self.now, partial(stepping.step_all, charges.payable))

    def turns(self, count=4):
        """With a block after each, final at once."""
        for _ in range(count):
            self.turn()
            self.blocks()

    def killed_in(self, lives, late=False):
        """A turn whose process dies at that call; whether it came so far."""
        self.payer.lives, self.payer.late = lives, late
        try:
            self.turn()
        except Killed:
            return True
        finally:
            self.payer.lives = None
        return False

    def payments(self, address):
        """That stand in the best chain, to this address."""
        return [
            Tft(one.amount)
            for one in self._told(events.Transfer)
            if one.source == CASHIER and addresses.encode(one.to) == address
        ]

    def burns(self):
        return self._told(events.BurnTransactionCreated)

    def _told(self, kind):
        told = (record.event for block in self.till.chain.since(0) for record in block.records)
        return [event for event in told if isinstance(event, kind)]

    def foreign_act(self, nonce=None):
        """Of another program with the cashier's words; it goes before ours of the same number."""
        chain, call = self.till.chain, calls.TransferKeepAlive(named("somebody"), UNIT)
        digest = blake2b(f"foreign {next(number)}".encode(), digest_size=32).digest()
        taken = chain.next_nonce(CASHIER) if nonce is None else nonce
        chain.submit(Act(CASHIER, taken, call, digest, chain.genesis.hash, chain.state.terms.spec, tip=9))

    def living(self):
        return CashierAct.objects.get(state=CashierAct.State.SENT)


def state(row):
    return Withdrawal.objects.get(pk=row.pk).state


def reason(row):
    return Withdrawal.objects.get(pk=row.pk).typed_reason
