"""What a machine is ordered as."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

NAME = re.compile(r"[a-z0-9_]{1,36}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Order:
    """One machine as it is asked for: threads, MiB, GiB."""

    name: str
    node_id: int
    cpu: int
    memory: int
    disk: int
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    image: str = ""

    def refusal(self) -> str | None:
        """Why no node would take it, or None."""
        if not NAME.fullmatch(self.name):
            return "a machine's name has 1 to 36 small letters, digits and underscores"
        if not 1 <= self.cpu <= 32:
            return "a machine has 1 to 32 threads"
        if not 250 <= self.memory <= 256 * 1024:
            return "a machine has 250 MiB to 256 GiB of memory"
        if not 1 <= self.disk <= 10_240:
            return "a machine has 1 to 10240 GiB of disk"
        if not all(VARIABLE.fullmatch(key) for key in self.environment):
            return "an environment variable's name has letters, digits and underscores"
        if not all(value.isprintable() and "'" not in value for value in self.environment.values()):
            return "an environment variable's value has no quote and no line end"
        return None
