"""What the grid's programs say when they fail -> whose fault it is. The words are those of threefoldtech/tfgrid-sdk-go
(grid-client), tfchain (pallets) and zosbase (pkg/provision), which these programs pass on."""

from dataclasses import dataclass

from tfci.grid.drivers.threefold.programs import ProgramResult
from tfci.grid.ports import GridError, OutOfFunds, Refusal, Unavailable

LOADED = "failed to load vm from node"  # it stands, and the node did not describe it in time
LONGEST = 300  # characters of a program's words that are shown


@dataclass(frozen=True, slots=True)
class Verdict:
    """`error`: raised for the whole batch; else this VM is refused. `why` replaces the program's own words, which
    for some errors show the account's."""

    error: type[GridError] | None = None
    why: str = ""
    node_at_fault: bool = True
    opted_out: bool = False


WORDS: dict[str, Verdict] = {
    "min fee is": Verdict(OutOfFunds, "The account holds less than the 2 TFT that the chain wants for fees."),
    "inability to pay some fees": Verdict(OutOfFunds, "The account can’t pay the chain’s fee."),
    "insufficientbalance": Verdict(OutOfFunds, "The account can’t pay for what was asked."),
    "mnemonic/seed": Verdict(GridError, "ThreeFold’s program does not take these words for an account’s."),
    "no twin associated": Verdict(GridError, "The account has no twin on this network yet."),
    "not verified": Verdict(
        GridError,
        "The account’s owner is not verified (KYC), so nodes take nothing from it. ThreeFold’s dashboard does that.",
    ),
    "could not get substrate client": Verdict(Unavailable, "ThreeFold’s program did not reach the chain."),
    "failed to get account": Verdict(Unavailable, "The chain did not tell of the account."),
    "could not create rmb client": Verdict(
        Unavailable, "ThreeFold’s program did not reach the relay to the nodes."
    ),
    "could not validate rmb proxy": Verdict(
        Unavailable, "ThreeFold’s program did not reach the grid’s proxy."
    ),
    "usurped": Verdict(Unavailable, "Another program signs with this account at the same time."),
    "priority is too low": Verdict(Unavailable, "Another program signs with this account at the same time."),
    "transaction is outdated": Verdict(
        Unavailable, "Another program signs with this account at the same time."
    ),
    "onlytwinadmincandeployonthisnode": Verdict(
        why="Its farmer has taken the node off this grid.", opted_out=True
    ),
    "contract hash does not match": Verdict(
        why="The node reckons a deployment’s hash otherwise than the program that deploys: one of the two is too old."
    ),
    "nodenotavailabletodeploy": Verdict(why="The node is asleep, or rented by somebody else."),
    "unsupported character": Verdict(node_at_fault=False),
    "name cannot": Verdict(node_at_fault=False),
    "invalid argument": Verdict(node_at_fault=False),
}


def came_up(ran: ProgramResult) -> bool:
    """Whether the VM stands although the program says that it failed."""
    return ran.code == 1 and LOADED in ran.last_words


def refusal(name: str, ran: ProgramResult, too_slow: str) -> Refusal:
    """Raises OutOfFunds, Unavailable or GridError where it was not the VM that failed."""
    if ran.code is None:
        return Refusal(name, f"{too_slow}.")
    said = f"{ran.last_words}\n{ran.told}"
    found = next((verdict for words, verdict in WORDS.items() if words in said.lower()), Verdict())
    if found.error:
        raise found.error(found.why)
    why = found.why or shortened(ran.last_words) or f"The program ended with {ran.code} and said nothing."
    return Refusal(name, why, found.node_at_fault, found.opted_out)


def shortened(words: str) -> str:
    return words if len(words) <= LONGEST else f"…{words[-LONGEST:]}"
