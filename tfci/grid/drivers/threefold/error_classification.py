"""What the grid's programs say when they fail -> whose fault it is. The words are those of threefoldtech/tfgrid-sdk-go
(grid-client), tfchain (pallets) and zosbase (pkg/provision), which these programs pass on."""

from dataclasses import dataclass

from tfci.grid import reasons
from tfci.grid.drivers.threefold.programs import ProgramResult
from tfci.grid.ports import GridError, OutOfFunds, Refusal, Unavailable
from tfci.grid.reasons import GridReason, GridService

LOADED = "failed to load vm from node"  # it stands, and the node did not describe it in time
LONGEST = 300  # characters of a program's words that are shown


@dataclass(frozen=True, slots=True)
class Verdict:
    """`error`: raised for the whole batch; else this VM is refused. `reason` replaces the program's own words, which
    for some errors show the account's."""

    reason: GridReason | None = None
    error: type[GridError] | None = None
    node_at_fault: bool = True
    opted_out: bool = False


WORDS: dict[str, Verdict] = {
    "min fee is": Verdict(reasons.AccountBelowMinimum(), OutOfFunds),
    "inability to pay some fees": Verdict(reasons.AccountLacksFee(), OutOfFunds),
    "insufficientbalance": Verdict(reasons.AccountLacksFunds(), OutOfFunds),
    "mnemonic/seed": Verdict(reasons.AccountUnknown(), GridError),
    "no twin associated": Verdict(reasons.AccountWithoutTwin(), GridError),
    "not verified": Verdict(reasons.AccountUnverified(), GridError),
    "could not get substrate client": Verdict(reasons.ServiceUnreached(GridService.CHAIN), Unavailable),
    "failed to get account": Verdict(
        reasons.GridSilent("The chain did not tell of the account."), Unavailable
    ),
    "could not create rmb client": Verdict(reasons.ServiceUnreached(GridService.RELAY), Unavailable),
    "could not validate rmb proxy": Verdict(reasons.ServiceUnreached(GridService.PROXY), Unavailable),
    "usurped": Verdict(reasons.AccountInUse(), Unavailable),
    "priority is too low": Verdict(reasons.AccountInUse(), Unavailable),
    "transaction is outdated": Verdict(reasons.AccountInUse(), Unavailable),
    "onlytwinadmincandeployonthisnode": Verdict(reasons.NodeOptedOut(), opted_out=True),
    "contract hash does not match": Verdict(reasons.HashMismatch()),
    "nodenotavailabletodeploy": Verdict(reasons.NodeUnavailable()),
    "unsupported character": Verdict(node_at_fault=False),
    "name cannot": Verdict(node_at_fault=False),
    "invalid argument": Verdict(node_at_fault=False),
}


def came_up(ran: ProgramResult) -> bool:
    """Whether the VM stands although the program says that it failed."""
    return ran.code == 1 and LOADED in ran.last_words


def refusal(name: str, ran: ProgramResult, too_slow: GridReason) -> Refusal:
    """Raises OutOfFunds, Unavailable or GridError where it was not the VM that failed."""
    if ran.code is None:
        return Refusal(name, too_slow)
    said = f"{ran.last_words}\n{ran.told}"
    found = next((verdict for words, verdict in WORDS.items() if words in said.lower()), Verdict())
    failed = found.reason or reasons.DeploymentFailed(shortened(ran.last_words), ran.code)
    if found.error:
        raise found.error(failed)
    return Refusal(name, failed, found.node_at_fault, found.opted_out)


def shortened(words: str) -> str:
    return words if len(words) <= LONGEST else f"…{words[-LONGEST:]}"
