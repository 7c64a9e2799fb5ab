"""What the grid knows of one machine, whatever it is made of."""

from dataclasses import dataclass


@dataclass
class Body:
    """What runs for a contract. Before its first start it has no pid; a stillborn one never starts."""

    contract_id: int
    name: str
    node_id: int
    cpu: int
    memory: int  # MiB
    disk: int  # GiB
    port: int = 0  # of this host, that leads to its SSH server; 0: none
    pid: int = 0
    ticks: int = 0
    dead: bool = False
    stillborn: bool = False
    paused: bool = False
    refreshes: int = 0  # how often it came again with nothing of before
