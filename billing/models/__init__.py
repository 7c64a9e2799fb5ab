"""The billing app's rows; no other app imports them."""

from billing.models.account_balance import AccountBalance
from billing.models.cashier import Cashier, CashierAct
from billing.models.chain_bill import ChainBill
from billing.models.credit_request import CreditRequest
from billing.models.deposit import ChainTransfer, DepositAddress
from billing.models.entry import LedgerEntry
from billing.models.grant import StarterGrant
from billing.models.price import Price
from billing.models.quote import Quote
from billing.models.spend_rollup import SpendBucket, SpendCursor, SpendDimensions
from billing.models.spending_alert import SpendingAlert
from billing.models.spending_limit import SpendingLimit
from billing.models.spent import RepositorySpent, Spent
from billing.models.team_limits import TeamLimits
from billing.models.twin import Twin
from billing.models.verification import Verification
from billing.models.wallet import Wallet
from billing.models.withdrawal import Withdrawal

__all__ = [
    "AccountBalance",
    "Cashier",
    "CashierAct",
    "ChainTransfer",
    "ChainBill",
    "CreditRequest",
    "DepositAddress",
    "LedgerEntry",
    "Price",
    "Quote",
    "RepositorySpent",
    "SpendBucket",
    "SpendCursor",
    "SpendDimensions",
    "SpendingAlert",
    "SpendingLimit",
    "Spent",
    "StarterGrant",
    "TeamLimits",
    "Twin",
    "Verification",
    "Wallet",
    "Withdrawal",
]
