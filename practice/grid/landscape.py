"""Farms and nodes as they might stand on the grid: the same for the same seed and count."""

import random
from dataclasses import dataclass
from fractions import Fraction

from practice.chain import prices
from practice.grid.places import PLACES, Place

GIB = 2**30
LIGHT = ("zmachine-light", "network-light", "zdb", "zmount", "volume", "mycelium", "wireguard")
FULL = ("zmachine", "network", "ip", "yggdrasil", "mycelium", "zdb", "zmount", "volume", "wireguard")
WORDS = (
    ("Green", "Blue", "North", "River", "Hill", "Solar", "Quiet", "Old", "Bright", "Stone", "Free", "Open"),
    ("Acre", "Barn", "Field", "Garden", "Grove", "Harbour", "Meadow", "Mill", "Orchard", "Shed", "Yard"),
)


@dataclass(frozen=True)
class Hardware:
    """One kind of box: threads, GiB of memory, GiB of SSD, GiB of HDD, and how common it is."""

    cru: int
    mru: int
    sru: int
    hru: int
    weight: int


HARDWARE = (
    Hardware(4, 8, 240, 0, 8),
    Hardware(8, 32, 480, 0, 30),
    Hardware(12, 32, 1000, 0, 22),
    Hardware(16, 64, 1000, 0, 18),
    Hardware(24, 64, 1900, 4000, 10),
    Hardware(40, 128, 1900, 8000, 8),
    Hardware(56, 256, 3800, 12000, 6),
    Hardware(96, 512, 7600, 0, 3),
    Hardware(128, 768, 15300, 0, 1),
)


@dataclass(frozen=True)
class Farm:
    farm_id: int
    name: str
    place: Place
    certified: bool
    dedicated: bool


@dataclass
class Node:
    """One node. Sizes in bytes as the proxy shows them; `used` is what others and the node itself take."""

    node_id: int
    farm: Farm
    cru: int
    mru: int
    sru: int
    hru: int
    used_cru: int
    used_mru: int
    used_sru: int
    features: tuple[str, ...]
    age: int  # seconds since its last boot, when the simulation began
    up: bool
    healthy: bool

    @property
    def price_usd(self) -> float:
        """The whole node for 720 hours, as the proxy lists it."""
        hourly = prices.usd_per_hour(self.cru, Fraction(self.mru, GIB), Fraction(self.sru, GIB))
        percent = prices.CERTIFIED_PERCENT if self.farm.certified else 100
        return round(float(hourly * 720 * percent / 10**9), 2)


def landscape(seed: int, count: int) -> dict[int, Node]:
    """`count` nodes by id, on about a tenth as many farms; a few farms hold many nodes, most hold a few."""
    dice = random.Random(seed)  # noqa: S311 meant to be repeatable
    farms = [_farm(dice, number) for number in range(1, max(2, count // 10 + 1))]
    shares = [min(dice.paretovariate(1.2), 30) for _ in farms]
    return {number: _node(dice, number, dice.choices(farms, shares)[0]) for number in range(1, count + 1)}


def _farm(dice: random.Random, number: int) -> Farm:
    place = dice.choices(PLACES, [place.weight for place in PLACES])[0]
    name = f"{place.city} {dice.choice(WORDS[0])} {dice.choice(WORDS[1])} {number}"
    return Farm(number, name, place, certified=dice.random() < 0.15, dedicated=dice.random() < 0.05)


def _node(dice: random.Random, number: int, farm: Farm) -> Node:
    box = dice.choices(HARDWARE, [kind.weight for kind in HARDWARE])[0]
    mru, sru = int(box.mru * GIB * dice.uniform(0.95, 0.99)), box.sru * GIB
    busy = dice.betavariate(1, 3)
    up = dice.random() < 0.9
    return Node(
        node_id=number,
        farm=farm,
        cru=box.cru,
        mru=mru,
        sru=sru,
        hru=box.hru * GIB,
        used_cru=int(box.cru * busy),
        used_mru=kept_mru(mru) + int((mru - kept_mru(mru)) * busy),
        used_sru=KEPT_SRU + int((sru - KEPT_SRU) * busy * 0.7),
        features=LIGHT if dice.random() < 0.8 else FULL,
        age=int(dice.expovariate(1 / (40 * prices.DAY))),
        up=up,
        healthy=up and dice.random() < 0.96,
    )


KEPT_SRU = 20 * GIB


def kept_mru(mru: int) -> int:
    """What a node keeps of its memory for itself."""
    return max(mru // 10, 2 * GIB)
