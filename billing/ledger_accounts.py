"""The accounts that the ledger moves TFT between, by their names. Pure.

`chain:…` is where the TFT of teams lies, so it holds below zero what the chain holds for them. Some of `operator:…` are
taken, and nothing is booked on them yet.
"""

INCOME = "operator:income"  # what VMs' time brought
GRANTS = "operator:grants"  # what was granted: below zero
OWN_TWIN = "own_twin"  # what teams' own chain accounts pay the grid for their VMs: below zero, by our meter
GRID = "grid"  # the same, as the grid's: no TFT of Farmhand's
VM_TIME = (INCOME, GRID)  # what is charged for VM time goes to one of these
OUTSIDE = "outside"  # where TFT comes from that the operator adds: below zero
FEES = "operator:fees"  # what the chain took and no team pays: below zero

CHAIN = "chain:"  # begins each account that is below zero by what lies there
DEPOSIT = f"{CHAIN}deposit:"  # the team's id follows
CASHIER = f"{CHAIN}cashier"  # what was swept and is not paid out
IN_FLIGHT = "in_flight"  # signed, and not known to have left or to have stayed

NAMES = (  # of all that there may be; a CHECK of PostgreSQL's
    r"^((team|grant|held|chain:deposit|chain:twin):[0-9]+|chain:cashier|chain:stash|in_flight|outside|own_twin|grid"
    r"|operator:(grants|fees|income|machines|discount|difference))$"
)


def team(team_id: int) -> str:
    """What a team paid in and has not spent; below zero where it owes."""
    return f"team:{team_id}"


def grant(team_id: int) -> str:
    """What is left of a team's starter grant. It is spent first, and never paid out."""
    return f"grant:{team_id}"


def deposit(team_id: int) -> str:
    """What lies at a team's deposit address: below zero."""
    return f"{DEPOSIT}{team_id}"


def held(team_id: int) -> str:
    """What a team takes out, from when it can't be stopped any more until it is signed."""
    return f"held:{team_id}"


def own(team_id: int) -> tuple[str, str]:
    """The accounts that make up a team's balance."""
    return team(team_id), grant(team_id)
