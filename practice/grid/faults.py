"""Fault injection, switched at run time; the same calls with the same seed fail the same way."""

import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

KINDS = {
    "refuse": "the node refuses the machine",
    "never_boots": "the contract stands, the machine never starts",
    "dies": "the machine dies `seconds` after its start",
    "lost_call": "an act is not done, and its caller gets no answer",
    "lost_answer": "an act is done, but its caller gets no answer",
    "slow": "an act takes `seconds` longer",
    "out_of_funds": "an act is refused for want of TFT",
    "chain_silent": "no account, price or act is answered",
    "proxy_silent": "no node or farm is answered",
}


@dataclass
class Fault:
    """A rule: what goes wrong, for whom, how often. What is not set holds for all."""

    fault_id: int
    kind: str
    node_id: int | None = None
    name: str | None = None  # a machine's name begins with it
    twin_id: int | None = None
    act: str | None = None  # deploy or remove
    chance: float = 1.0
    times: int | None = None  # how often still
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        if not 0 <= self.chance <= 1:
            raise ValueError("chance lies between 0 and 1")
        if not 0 <= self.seconds <= 3600:
            raise ValueError("seconds lie between 0 and 3600")

    def concerns(self, kind: str, node_id: int, names: Sequence[str], twin_id: int, act: str) -> bool:
        return (
            self.kind == kind
            and self.times != 0
            and self.node_id in (None, node_id)
            and self.twin_id in (None, twin_id)
            and self.act in (None, act)
            and any(name.startswith(self.name or "") for name in names)
        )


class Faults:
    """The rules in force. Changed by events only."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 meant to be repeatable
        self._rules: dict[int, Fault] = {}
        self._made = 0

    def next_id(self) -> int:
        return self._made + 1

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(rule) for rule in self._rules.values()]

    def active_fault(
        self, kind: str, node_id: int = 0, names: Sequence[str] = ("",), twin_id: int = 0, act: str = ""
    ) -> Fault | None:
        """The rule that applies to this call, or None. A caller that gets one writes a `struck` event."""
        for rule in self._rules.values():
            if rule.concerns(kind, node_id, names, twin_id, act) and self._dice.random() < rule.chance:
                return rule
        return None

    def apply(self, event: dict[str, Any]) -> None:
        match event:
            case {"event": "fault", "rule": rule}:
                self._rules[rule["fault_id"]] = Fault(**rule)
                self._made = rule["fault_id"]
            case {"event": "fault_over", "fault_id": fault_id}:
                self._rules.pop(fault_id, None)
            case {"event": "struck", "fault_id": fault_id}:
                rule = self._rules.get(fault_id)
                if rule and rule.times:
                    rule.times -= 1
