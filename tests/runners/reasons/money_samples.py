"""Why withdrawals end unpaid or wait, and what operators see of the cashier, each with its sentence."""

from billing.money_problems import reasons as problems
from billing.withdrawal_rules import reasons
from tfci.core.tft import UNIT

WITHDRAWALS = [
    (reasons.StoppedByOwner("ann@example.org"), "It was stopped by ann@example.org."),
    (reasons.StoppedByOwner(""), "It was stopped with the link in an owner’s mail."),
    (reasons.MailUnconfirmed(), "The link in the mail was not used in time."),
    (
        reasons.BalanceTooLow(10 * UNIT, 4 * UNIT),
        "It needed 10.0000000 TFT, but only 4.0000000 TFT could be paid out when its time came.",
    ),
    (
        reasons.FeeRose(100_000, 200_000),
        "The chain’s fee rose to 0.0200000 TFT. At most 0.0100000 TFT was agreed.",
    ),
    (reasons.ChainRefused("Token: FundsUnavailable"), "The chain refused it: Token: FundsUnavailable."),
    (reasons.NeverCarriedOut(), "The chain did not carry it out in time, and no longer can."),
    (reasons.NumberTakenOften(5), "Another program used the paying account 5 times at the same moment."),
    (
        reasons.ReturnedByBridge(8 * UNIT),
        "Stellar did not accept it, so the bridge returned 8.0000000 TFT to the balance.",
    ),
    (
        reasons.CashierEmpty(10 * UNIT),
        "The cashier’s account holds less than the 10.0000000 TFT that it needs.",
    ),
    (
        reasons.UnknownActs(2, 7),
        "The cashier’s account has made 2 transactions that Farmhand doesn’t know, which may have paid this "
        "withdrawal.",
    ),
]

MONEY_PROBLEMS = [
    (
        problems.DepositsUnread(900),
        "Deposits have not been read since block 900.",
    ),
    (
        problems.ChainStalled(900),
        "The chain’s node has shown no new final block since block 900.",
    ),
    (
        problems.AddressesDiffer(1),
        "At 1 deposit address the chain holds another amount than came in and was collected, so nothing is credited.",
    ),
    (
        problems.ActUnsettled(),
        "It is not known whether the cashier’s last transaction was carried out.",
    ),
    (problems.ActFailed(), "Parts of the cashier’s last transaction failed."),
    (
        problems.ActFailed("Token: FundsUnavailable"),
        "The chain refused the cashier’s last transaction: Token: FundsUnavailable.",
    ),
    (problems.WithdrawalsWait(2), "2 withdrawals should have been paid by now."),
]
