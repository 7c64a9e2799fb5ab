"""One team with an open deposit address, on a chain of its own."""

from billing import ledger, ledger_accounts, wallets
from billing.cashier import deposits, turn
from billing.models import AccountBalance, Cashier, DepositAddress
from tests.billing.till import WORDS, account_of
from tests.builders import NOON, a_team
from tfci.core.secret import Secret
from tfci.grid import addresses, registry


class Installation:
    """One team with an open address, on a chain of its own."""

    def __init__(self, till):
        self.till = till
        address = addresses.encode(account_of(WORDS))
        self.cashier = Cashier.objects.create(
            network=registry.network(), address=address, mnemonic=Secret(WORDS)
        )
        self.team = a_team()
        self.wallet = wallets.for_team(self.team)
        for _ in range(6):
            self.turn()
            till.seal(count=till.lag + 1)
        self.turn()

    def turn(self):
        self.cashier.refresh_from_db()
        turn.take(self.cashier, self.till.payer(), NOON)

    def turns(self, count=4):
        """With a block after each."""
        for _ in range(count):
            self.turn()
            self.till.seal()

    def watch(self):
        self.cashier.refresh_from_db()
        return deposits.watch(self.cashier, self.till.payer(), NOON)

    @property
    def row(self):
        return DepositAddress.objects.get(team=self.team, cashier=self.cashier)

    @property
    def address(self):
        return self.row.address

    @property
    def balance(self):
        return ledger.balance(self.wallet.pk)

    def account(self, name):
        row = AccountBalance.objects.filter(team=self.team, account=name).first()
        return row.amount if row else 0

    @property
    def at_address(self):
        """What the ledger says that lies there."""
        return -self.account(ledger_accounts.deposit(self.team.pk))
