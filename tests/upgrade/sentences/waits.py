"""Why a job has no VM, and why a pool keeps none ready: (code, parameters, sentence)."""

from tests.upgrade.sentences.names import TFT
from tests.upgrade.sentences.outside import TWIN

OUT = {  # NodeCode, number -> its part of a sentence
    ("not_chosen", 0): "not among the nodes that the pool chose",
    ("drained", 0): "drained: the team lets no machine start there",
    ("not_certified", 0): "not certified",
    ("dedicated", 0): "dedicated: it is rented as a whole or not at all",
    ("opted_out", 0): "taken off this chain by its farmer",
    ("too_few_cpus", 16): "fewer than 16 processors",
    ("too_little_memory", 64): "less than 64 GB of memory",
    ("too_little_disk", 300): "less than 300 GB of disk",
    ("too_dear", 2 * TFT): "dearer than 2.0000000 TFT an hour",
    ("low_success", 50): "only 50 % of our machines came up on it",
    ("rented", 0): "rented as a whole by somebody else",
    ("down", 0): "down",
    ("unhealthy", 0): "up, but not healthy",
    ("set_aside", 0): "set aside for a while after a failure",
    ("memory_in_use", 8): "less than 8 GB of memory free",
    ("disk_in_use", 50): "less than 50 GB of disk free",
}
NOW = [[code, number, 1] for code, number in OUT if code in ("down", "set_aside", "memory_in_use", "drained")]
EVER = [[code, number, 2] for code, number in OUT if code.startswith("too_") and code != "too_dear"]


def _counted(out):
    return "; ".join(f"{nodes} {OUT[code, number]}" for code, number, nodes in out)


WAITS = [
    ("pool_maximum", {"max_vms": 1, "promised": 0}, "the pool has its maximum of 1 VM"),
    (
        "pool_maximum",
        {"max_vms": 4, "promised": 2},
        "the pool has its maximum of 4 VMs, 2 of them promised to older jobs",
    ),
    (
        "balance",
        {"per_hour": 2 * TFT, "missing": TFT, "promised": 0},
        "the balance must cover an hour of everything that runs: 1.0000000 TFT are missing for another VM at "
        "2.0000000 TFT/h",
    ),
    (
        "balance",
        {"per_hour": 2 * TFT, "missing": TFT, "promised": TFT},
        "the balance must cover an hour of everything that runs: 1.0000000 TFT are missing for another VM at "
        "2.0000000 TFT/h; 1.0000000 TFT are promised to older jobs",
    ),
    (
        "team_vms",
        {"max_vms": 5, "promised": 0},
        "another VM of the team must end first: the operator’s limit for the team is 5 VMs",
    ),
    (
        "team_price",
        {"per_hour": 9 * TFT, "running": 0, "limit": 8 * TFT},
        "its VM costs 9.0000000 TFT/h, and the operator’s limit for the team is 8.0000000 TFT/h",
    ),
    (
        "team_price",
        {"per_hour": 2 * TFT, "running": 7 * TFT, "limit": 8 * TFT},
        "another VM of the team must end first: its VMs cost 7.0000000 TFT/h, this one 2.0000000 TFT/h more, and "
        "the operator’s limit for the team is 8.0000000 TFT/h",
    ),
    (
        "no_node_now",
        {"nodes": 4, "out": NOW, "retry_at": "2026-06-01T12:30:00+00:00"},
        f"no node of the 4 chosen can take it: {_counted(NOW)}; the next is tried at 12:30 UTC",
    ),
    *(
        (
            "no_node_now",
            {"nodes": 1, "out": [[code, number, 1]], "retry_at": ""},
            f"no node of the 1 chosen can take it: 1 {text}",
        )
        for (code, number), text in OUT.items()
    ),
    (
        "grid_refused",
        {"said": TWIN[2], "retry_at": "2026-06-01T12:05:00+00:00"},
        f"the grid refused its VM, and is asked again at 12:05 UTC: {TWIN[2]}",
    ),
    (
        "next_decision",
        {"most": 100},
        "Farmhand starts at most 100 VMs of a team at once; it is among the next",
    ),
    ("no_prices", {}, "the grid's prices have not been read yet"),
    ("no_nodes_read", {}, "the grid's nodes have not been read yet"),
    ("no_account", {}, "the operator has not opened an account on the grid yet"),
    (
        "too_dear",
        {"cheapest": 3 * TFT, "limit": 2 * TFT},
        "the cheapest node that fits costs 3 TFT/h; the pool's limit is 2",
    ),
    (
        "no_node_fits",
        {"nodes": 6, "out": EVER},
        f"no node of the 6 chosen can ever take it: {_counted(EVER)}",
    ),
    ("no_node_chosen", {}, "the pool's choice names no node of this grid"),
]
PERMANENT = ("too_dear", "no_node_fits", "no_node_chosen")
KEPT_READY = [
    ("jobs_first", {}, "jobs of the team wait for what it would take, and come before what is kept ready"),
    (
        "ready_balance",
        {"per_hour": 2 * TFT, "missing": TFT},
        "a VM is kept ready only where the balance covers two hours of it: 1.0000000 TFT are missing for one at "
        "2.0000000 TFT/h",
    ),
]
