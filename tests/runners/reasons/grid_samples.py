"""What the grid answers, with its sentence."""

from tfci.grid import reasons
from tfci.grid.reasons import GridService

GRID = [
    (reasons.GridSilent("The chain gave no answer: timeout."), "The chain gave no answer: timeout."),
    (reasons.GridFailed("The simulated grid refused: no."), "The simulated grid refused: no."),
    (reasons.ServiceUnreached(GridService.CHAIN), "ThreeFold’s program could not reach the chain."),
    (
        reasons.ServiceUnreached(GridService.RELAY),
        "ThreeFold’s program could not reach the relay to the nodes.",
    ),
    (reasons.ServiceUnreached(GridService.PROXY), "ThreeFold’s program could not reach the grid’s proxy."),
    (
        reasons.ImageNotSet("main"),
        "Farmhand only shows the nodes of the grid main until an image is set (FARMHAND_FLIST).",
    ),
    (
        reasons.AccountUnknown(),
        "The grid knows no account with this mnemonic; check the wallet's seed phrase.",
    ),
    (reasons.AccountWithoutTwin(), "The account has no twin on this network yet."),
    (
        reasons.AccountUnverified(),
        "The account’s owner is not verified (KYC), so nodes reject its deployments.",
    ),
    (
        reasons.AccountBelowMinimum(),
        "The account holds less than the 2 TFT that the chain requires for fees.",
    ),
    (reasons.AccountLacksFee(), "The account can’t pay the chain’s fee."),
    (reasons.AccountLacksFunds(), "The account can’t pay for what was asked."),
    (reasons.AccountLacksFunds("it has 1 TFT"), "The account can’t pay for what was asked: it has 1 TFT."),
    (reasons.AccountInUse(), "Another program uses this account at the same time."),
    (
        reasons.ProgramMissing("tfcmd"),
        "The program tfcmd, which deploys on ThreeFold, is not installed.",
    ),
    (
        reasons.ProgramUndated("/bin/tfcmd"),
        "/bin/tfcmd does not say when it was built. Use a released version.",
    ),
    (
        reasons.ProgramOutdated("/bin/tfcmd", "2025-01-01", "2025-09-10"),
        "/bin/tfcmd was built on 2025-01-01. Nodes only accept what versions built after 2025-09-10 deploy.",
    ),
    (reasons.NodeOptedOut(), "The node’s farmer has taken it off this grid."),
    (reasons.NodeUnavailable(), "The node is on standby, or rented by someone else."),
    (
        reasons.HashMismatch(),
        "The node and the program that deploys compute different hashes: one of the two is too old.",
    ),
    (reasons.DeploymentFailed("not enough capacity left"), "not enough capacity left"),
    (reasons.DeploymentFailed("", 1), "The program ended with 1 and said nothing."),
    (reasons.DeploymentTimeout("tfcmd", 60), "tfcmd had no answer from the node in 60 seconds."),
    (reasons.DeploymentVanished(), "It was deployed, but the chain no longer has it."),
    (reasons.BatchFailed("tfrobot", "no nodes"), "tfrobot could not deploy a batch with it: no nodes"),
    (
        reasons.ChainReplaced(),
        "The chain’s node shows another chain than the one that deposits were read from.",
    ),
    (
        reasons.ChainBehind(90, 80),
        "The chain’s node is behind: its newest final block is 80, deposits were read up to 90.",
    ),
    (
        reasons.FinalBlockReplaced(90),
        "The chain’s node has another block 90 than the final one that was read.",
    ),
    (
        reasons.OrderUnfit("A VM on ThreeFold has 1 to 32 processors."),
        "A VM on ThreeFold has 1 to 32 processors.",
    ),
]
