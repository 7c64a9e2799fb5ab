"""What happens in a storm and when, from one seed: bursts of jobs, and processes that are killed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

HOLDER = "worker-act"  # its leases outlive it, so it dies first in each round: then the others die in what it costs
OTHERS = ("web", "agents", "worker-decide", "beat", "valkey")
FAILS = 7  # the number of the job in each burst that fails by itself

FAULTS = {
    "drop": 0.1,
    "double": 0.1,
    "delay": 0.1,
    "delay_range": [0.5, 5.0],
    "reorder": 0.1,
    "error_rate": 0.05,
}

WORKFLOW = """\
name: {name}
on:
  push:
    paths: [".gitea/workflows/{name}.yml"]
jobs:
  {name}:
    runs-on: {label}
    strategy:
      matrix:
        number: {numbers}
    steps:
      - run: sleep $(( ${{{{ matrix.number }}}} % 3 ))
      - run: test ${{{{ matrix.number }}}} != {fails}
"""


@dataclass(frozen=True, slots=True)
class Push:
    """A burst: a workflow that is pushed, and the jobs that it has."""

    name: str
    jobs: int
    label: str

    @property
    def text(self) -> str:
        numbers = list(range(1, self.jobs + 1))
        return WORKFLOW.format(name=self.name, label=self.label, numbers=numbers, fails=FAILS)

    @property
    def failing(self) -> int:
        return int(self.jobs >= FAILS)


@dataclass(frozen=True, slots=True)
class Kill:
    name: str


@dataclass(frozen=True, slots=True)
class Storm:
    """`bursts`: jobs of each. `maximum`: VMs. In each of `rounds` every victim dies once. Pauses: seconds
    from one burst or kill to the next, on the average."""

    bursts: Sequence[int]
    maximum: int
    rounds: int
    push_pause: float
    kill_pause: float
    victims: Sequence[str] = OTHERS

    def acts(self, dice: random.Random) -> list[tuple[float, Push | Kill]]:
        """All that happens, each with its second after the beginning, in order."""
        labels = ("small", "1cpu2gbram10gbssd")
        pushes = [
            Push(f"burst{number}", jobs, dice.choice(labels)) for number, jobs in enumerate(self.bursts)
        ]
        kills = [Kill(name) for _ in range(self.rounds) for name in (HOLDER, *_shuffled(self.victims, dice))]
        acts = [*_timed(pushes, 0, self.push_pause, dice), *_timed(kills, 2, self.kill_pause, dice)]
        return sorted(acts, key=lambda act: act[0])


def _shuffled(names: Sequence[str], dice: random.Random) -> list[str]:
    return dice.sample(names, len(names))


def _timed(acts: Sequence, first: float, pause: float, dice: random.Random) -> list[tuple]:
    times, at = [], first
    for _ in acts:
        times.append(at)
        at += pause * dice.uniform(0.5, 1.5)
    return list(zip(times, acts, strict=True))
