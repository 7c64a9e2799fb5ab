"""What the grid answers, with its sentence."""

from tfci.grid import reasons
from tfci.grid.reasons import GridService

GRID = [
    (reasons.GridSilent("The chain gave no answer: timeout."), "The chain gave no answer: timeout."),
    (reasons.GridFailed("The simulated grid refused: no."), "The simulated grid refused: no."),
    (reasons.ServiceUnreached(GridService.CHAIN), "ThreeFold’s program did not reach the chain."),
    (
        reasons.ServiceUnreached(GridService.RELAY),
        "ThreeFold’s program did not reach the relay to the nodes.",
    ),
    (reasons.ServiceUnreached(GridService.PROXY), "ThreeFold’s program did not reach the grid’s proxy."),
    (
        reasons.ImageNotSet("main"),
        "Of the grid main Farmhand shows the nodes alone, until an image is set (FARMHAND_FLIST).",
    ),
    (
        reasons.AccountUnknown(),
        "The grid knows no account with this mnemonic; check the wallet's seed phrase.",
    ),
    (reasons.AccountWithoutTwin(), "The account has no twin on this network yet."),
    (
        reasons.AccountUnverified(),
        "The account’s owner is not verified (KYC), so nodes take nothing from it.",
    ),
    (
        reasons.AccountBelowMinimum(),
        "The account holds less than the 2 TFT that the chain wants for fees.",
    ),
    (reasons.AccountLacksFee(), "The account can’t pay the chain’s fee."),
    (reasons.AccountLacksFunds(), "The account can’t pay for what was asked."),
    (reasons.AccountLacksFunds("it has 1 TFT"), "The account can’t pay for what was asked: it has 1 TFT."),
    (reasons.AccountInUse(), "Another program signs with this account at the same time."),
    (
        reasons.ProgramMissing("tfcmd"),
        "The program tfcmd is not there, which deploys on ThreeFold. The manual says how to get it.",
    ),
    (
        reasons.ProgramUndated("/bin/tfcmd"),
        "/bin/tfcmd does not tell how old it is. Take a released one.",
    ),
    (
        reasons.ProgramOutdated("/bin/tfcmd", "2025-01-01", "2025-09-10"),
        "/bin/tfcmd is of 2025-01-01: nodes refuse what it deploys. Take one made after 2025-09-10.",
    ),
    (reasons.NodeOptedOut(), "Its farmer has taken the node off this grid."),
    (reasons.NodeUnavailable(), "The node is asleep, or rented by somebody else."),
    (
        reasons.HashMismatch(),
        "The node and the program that deploys compute different hashes: one of the two is too old.",
    ),
    (reasons.DeploymentFailed("not enough capacity left"), "not enough capacity left"),
    (reasons.DeploymentFailed("", 1), "The program ended with 1 and said nothing."),
    (reasons.DeploymentTimeout("tfcmd", 60), "tfcmd had no answer from the node in 60 seconds."),
    (reasons.DeploymentVanished(), "It came up, and the chain has nothing of it any more."),
    (reasons.BatchFailed("tfrobot", "no nodes"), "By tfrobot, with others: no nodes"),
    (
        reasons.OrderUnfit("A VM on ThreeFold has 1 to 32 processors."),
        "A VM on ThreeFold has 1 to 32 processors.",
    ),
]
