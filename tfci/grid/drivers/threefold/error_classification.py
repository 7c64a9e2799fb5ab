"""The error messages of the grid's programs -> whose fault it is. They come from threefoldtech/tfgrid-sdk-go
(grid-client), tfchain (pallets) and zosbase (pkg/provision), which these programs pass on."""

from dataclasses import dataclass

from tfci.grid import reasons
from tfci.grid.drivers.threefold.programs import ProgramResult
from tfci.grid.ports import GridError, OutOfFunds, Refusal, Unavailable
from tfci.grid.reasons import GridReason, GridService

LOADED = "failed to load vm from node"  # it stands, and the node did not describe it in time
MAX_LENGTH = 300  # characters of a program's message that are shown


@dataclass(frozen=True, slots=True)
class Classification:
    """`error`: raised for the whole batch; else this VM is refused. `reason` replaces the program's own message, which
    for some errors shows the mnemonic."""

    reason: GridReason | None = None
    error: type[GridError] | None = None
    node_at_fault: bool = True
    opted_out: bool = False


CLASSIFICATIONS: dict[str, Classification] = {
    "min fee is": Classification(reasons.AccountBelowMinimum(), OutOfFunds),
    "inability to pay some fees": Classification(reasons.AccountLacksFee(), OutOfFunds),
    "insufficientbalance": Classification(reasons.AccountLacksFunds(), OutOfFunds),
    "mnemonic/seed": Classification(reasons.AccountUnknown(), GridError),
    "no twin associated": Classification(reasons.AccountWithoutTwin(), GridError),
    "not verified": Classification(reasons.AccountUnverified(), GridError),
    "could not get substrate client": Classification(
        reasons.ServiceUnreached(GridService.CHAIN), Unavailable
    ),
    "failed to get account": Classification(
        reasons.GridSilent("The chain did not tell of the account."), Unavailable
    ),
    "could not create rmb client": Classification(reasons.ServiceUnreached(GridService.RELAY), Unavailable),
    "could not validate rmb proxy": Classification(reasons.ServiceUnreached(GridService.PROXY), Unavailable),
    "usurped": Classification(reasons.AccountInUse(), Unavailable),
    "priority is too low": Classification(reasons.AccountInUse(), Unavailable),
    "transaction is outdated": Classification(reasons.AccountInUse(), Unavailable),
    "onlytwinadmincandeployonthisnode": Classification(reasons.NodeOptedOut(), opted_out=True),
    "contract hash does not match": Classification(reasons.HashMismatch()),
    "nodenotavailabletodeploy": Classification(reasons.NodeUnavailable()),
    "unsupported character": Classification(node_at_fault=False),
    "name cannot": Classification(node_at_fault=False),
    "invalid argument": Classification(node_at_fault=False),
}


def vm_is_up(result: ProgramResult) -> bool:
    """Whether the VM is up although the program reports a failure."""
    return result.code == 1 and LOADED in result.error_message


def refusal(name: str, result: ProgramResult, too_slow: GridReason) -> Refusal:
    """Raises OutOfFunds, Unavailable or GridError where it was not the VM that failed."""
    if result.code is None:
        return Refusal(name, too_slow)
    output = f"{result.error_message}\n{result.stdout}"
    match = next(
        (classification for words, classification in CLASSIFICATIONS.items() if words in output.lower()),
        Classification(),
    )
    failed = match.reason or reasons.DeploymentFailed(shortened(result.error_message), result.code)
    if match.error:
        raise match.error(failed)
    return Refusal(name, failed, match.node_at_fault, match.opted_out)


def shortened(words: str) -> str:
    return words if len(words) <= MAX_LENGTH else f"…{words[-MAX_LENGTH:]}"
