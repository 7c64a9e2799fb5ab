"""What a pool's choices come to: the nodes in play and why others are not, and what a VM costs there."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext

from billing import price_parts, pricing, quotes
from runners.jobs.labels import Size
from runners.pools.schedule import Schedule
from runners.reasons.nodes import NodeReason
from runners.vms import placement, supply
from runners.web.views.nodes.list import MINUTE, dollars
from tfci.core.list_prices.current import GITHUB
from tfci.core.tft import Tft

MONTH = 30 * 24 * pricing.HOUR  # milliseconds


@dataclass(frozen=True, slots=True)
class Fit:
    """`least` and `most` are of a minute of the size, and so are their `dollars`."""

    size: Size
    why_out: dict[placement.NodeCapacity, NodeReason]
    in_play: list[placement.NodeCapacity]
    with_room: int  # for the size, now
    least: Tft | None
    most: Tft | None
    dollars: Decimal | None
    dollars_most: Decimal | None
    made_of: price_parts.PriceComposition | None
    too_few: bool  # nodes in play than the pool wants to spread over
    warm: "Warm | None"
    scheduled: "Scheduled | None"  # in the place of `warm` where the pool has a schedule

    @property
    def out(self) -> list[tuple[NodeReason, int]]:
        """Reasons with how many nodes each keeps out, the most common first."""
        return Counter(self.why_out.values()).most_common()


@dataclass(frozen=True, slots=True)
class Warm:
    """What VMs that are kept ready cost while they wait. `even`: job minutes a month below which one of them is
    dearer than GitHub's runner of that size, `as_of` its price."""

    counts: Mapping[str, int]  # size -> VMs
    month: Tft
    dollars: Decimal
    even: int | None
    as_of: str = GITHUB.as_of

    @property
    def vms(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Scheduled:
    """What VMs that are kept ready by a schedule cost a month while they wait."""

    month: Tft
    dollars: Decimal


def compute(
    choice: placement.Choice,
    size: Size,
    kept: Mapping[str, int],
    plan: Schedule | None,
    at: quotes.Reading | None,
    now: datetime,
) -> Fit:
    """Over all nodes of the grid, at these prices. `plan`: None while its rows make no sense. Two queries."""
    costs = quotes.hourly_prices(size, at)
    why = {
        node: placement.exclusion_reason(node, choice, now, costs) or placement.too_small(node, size)
        for node in supply.nodes_now()
    }
    in_play = [node for node, reason in why.items() if not reason]
    kinds = {node.certified for node in in_play} if at else set()
    minutes = [pricing.cost(costs[kind], MINUTE) for kind in kinds]
    least, most = min(minutes, default=None), max(minutes, default=None)
    certified = kinds == {True}
    return Fit(
        size,
        why_out={node: reason for node, reason in why.items() if reason},
        in_play=in_play,
        with_room=sum(not lacks(node, size) for node in in_play),
        least=least,
        most=most,
        dollars=dollars(least, at) if least is not None and at else None,
        dollars_most=dollars(most, at) if most is not None and at else None,
        too_few=len(in_play) < choice.min_nodes,
        made_of=price_parts.of_size(size, at, certified=certified) if at else None,
        warm=warm(kept or {str(size): 1}, at, certified=certified) if at else None,
        scheduled=scheduled(plan, at, certified=certified) if at and plan and plan.rows else None,
    )


def lacks(node: placement.NodeCapacity, size: Size) -> str:
    """What of the size has no room now on a node that is large enough; "" where all has."""
    if node.free_mru < 1024 * size.memory_gb:
        return gettext("{free} GB of memory free, {needed} needed").format(
            free=node.free_mru // 1024, needed=size.memory_gb
        )
    if node.free_sru < size.disk_gb:
        return gettext("{free} GB of disk free, {needed} needed").format(
            free=node.free_sru, needed=size.disk_gb
        )
    return ""


def warm(counts: Mapping[str, int], at: quotes.Reading, *, certified: bool) -> Warm:
    """At these prices of the chain, for VMs that wait all day."""
    hours = {word: quotes.per_hour(Size.parse(word), at, certified=certified) for word in counts}
    month = Tft(sum(count * pricing.cost(hours[word], MONTH) for word, count in counts.items()))
    return Warm(counts, month, dollars(month, at), _even(next(iter(counts)), hours, at))


def scheduled(plan: Schedule, at: quotes.Reading, *, certified: bool) -> Scheduled:
    """At these prices of the chain, with the numbers that hold outside the rows."""
    month = sum(
        pricing.monthly(quotes.per_hour(Size.parse(size), at, certified=certified), hours)
        for size, hours in plan.vm_hours.items()
    )
    return Scheduled(Tft(month), dollars(Tft(month), at))


def _even(word: str, hours: Mapping[str, Tft], at: quotes.Reading) -> int | None:
    """Its price is all that a VM's month costs, however much it works."""
    cpu = GITHUB.fits(Size.parse(word).cpu)
    if cpu is None:
        return None
    month = dollars(pricing.cost(hours[word], MONTH), at)
    return int((month / GITHUB.per_minute[cpu]).to_integral_value(ROUND_CEILING))
